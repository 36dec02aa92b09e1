import { expect, test } from "vitest";
import { notesAt } from "../../src/insights/happenings";

const DAYS = ["2026-03-28T00:00:00+01:00", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"];

test("what happened is in the bucket in which it lies, in the bucket's zone", () => {
  const happened = [
    { at: "2026-03-28T22:59:59Z", text: "before midnight" },
    { at: "2026-03-28T23:00:00Z", text: "at midnight" },
    { at: "2026-03-29T21:59:59Z", text: "before the midnight of a short day" },
    { at: "2026-03-29T22:00:00Z", text: "after it" },
  ];
  expect(notesAt(happened, DAYS)).toEqual([
    { index: 0, text: "before midnight" },
    { index: 1, text: "at midnight" },
    { index: 1, text: "before the midnight of a short day" },
    { index: 2, text: "after it" },
  ]);
});

test("what happened before the range is not in it", () => {
  expect(notesAt([{ at: "2026-03-27T22:59:59Z", text: "too early" }], DAYS)).toEqual([]);
});

test("nothing is in a picture without buckets", () => {
  expect(notesAt([{ at: "2026-03-28T12:00:00Z", text: "a release" }], [])).toEqual([]);
});
