import { expect, it } from "vitest";
import { before, shortOf } from "../../src/parts/pager";

it("tells lists apart in a few letters, the same way each time", () => {
  expect(shortOf('["a"]')).toBe(shortOf('["a"]'));
  expect(shortOf('["a"]')).not.toBe(shortOf('["b"]'));
  expect(shortOf("x".repeat(10_000)).length).toBeLessThan(8);
});

it.each([
  ["two pages on, both lie before", [undefined, "a"], "b", [undefined, "a"]],
  ["gone back by the browser", [undefined, "a"], "a", [undefined]],
  ["pressed twice, before the next page was there", [undefined, "a", "a"], "a", [undefined]],
  ["back at the beginning", [undefined, "a"], undefined, []],
  ["come by a link", [], "b", []],
])("knows which pages lie before: %s", (_, trail, cursor, wanted) => {
  expect(before(trail, cursor)).toEqual(wanted);
});
