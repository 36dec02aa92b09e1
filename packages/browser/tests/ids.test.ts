import { describe, expect, test } from "vitest";
import { bornAt, uuid7 } from "../src/ids.js";

const NOW = 1_772_445_600_123;

describe("an id", () => {
  test("is a UUID of version 7", () => {
    expect(uuid7(NOW)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test("tells when it was made", () => {
    expect(bornAt(uuid7(NOW + 1000))).toBe(NOW + 1000);
    expect(bornAt("somebody else's")).toBeNaN();
  });

  test("sorts after those before it, also within a millisecond", () => {
    const ids = Array.from({ length: 3000 }, (_, n) => uuid7(NOW + 2000 + Math.floor(n / 1000)));
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(3000);
  });
});
