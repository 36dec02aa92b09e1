import { expect, it } from "vitest";
import { shortOf } from "../../src/parts/pager";

it("tells lists apart in a few letters, the same way each time", () => {
  expect(shortOf('["a"]')).toBe(shortOf('["a"]'));
  expect(shortOf('["a"]')).not.toBe(shortOf('["b"]'));
  expect(shortOf("x".repeat(10_000)).length).toBeLessThan(8);
});
