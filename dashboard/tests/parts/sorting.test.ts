import { expect, test } from "vitest";
import { ordered } from "../../src/parts/sorting";

test.each([
  [true, [10, 9, null]],
  [false, [9, 10, null]],
])("numbers by their size, and what there is not at the end (down: %s)", (down, rows) => {
  expect(ordered([9, null, 10], (row) => row, down)).toEqual(rows);
});

test("texts as they are read", () => {
  expect(ordered(["b", "C", "a"], (row) => row, false)).toEqual(["a", "b", "C"]);
});
