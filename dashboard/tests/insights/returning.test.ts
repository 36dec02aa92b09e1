/** Retention, lifecycle and stickiness: what comes back. */

import { describe, expect, test } from "vitest";
import type { Insights } from "../../src/api/types";
import { lifecycle } from "../../src/insights/lifecycle";
import { bucketsWords, periodName } from "../../src/insights/periods";
import { retention } from "../../src/insights/retention";
import { partsOf, tableOf } from "../../src/insights/segments";
import { stickiness } from "../../src/insights/stickiness";

const META = { timezone: "UTC", now: "2026-03-03T12:00:00.000+00:00" };
const DAYS = ["2026-03-01", "2026-03-02", "2026-03-03"].map((day) => `${day}T00:00:00+00:00`);
const [FIRST = "", SECOND = "", THIRD = ""] = DAYS;

describe("parts of a breakdown", () => {
  const parts = partsOf<{ value: string; size: number }>({ size: 3 }, [
    { value: "DE", size: 1 },
    { value: "$not_set", size: 2 },
  ]);

  test("are the whole, then each value with what points at it", () => {
    expect(parts.map(({ value, name, pointing }) => [value, name, pointing])).toEqual([
      [null, "Everything", {}],
      ["DE", "DE", { breakdown: "DE" }],
      ["$not_set", "(not set)", { breakdown: "$not_set" }],
    ]);
    expect(partsOf({ size: 3 }, null)).toHaveLength(1);
  });

  const columns = [{ title: "Size", as: "count" as const }];

  test("stand behind the first column of their rows, whose pointers move along", () => {
    const table = tableOf<"stickiness", { size: number }>(parts, columns, ({ of, pointing }) => [
      { cells: ["x", of.size], pointers: [{ at_least: 1 }, { exactly: 1, ...pointing }] },
    ]);
    expect(table.columns.map(({ title }) => title)).toEqual(["Size", "Of"]);
    expect(table.rows[1]).toEqual({
      cells: ["x", "DE", 1],
      pointers: [{ at_least: 1 }, null, { exactly: 1, breakdown: "DE" }],
    });
  });

  test("take no column where there is only the whole", () => {
    const [whole] = parts;
    const table = tableOf<"stickiness", { size: number }>([whole], columns, ({ of }) => [{ cells: [of.size] }]);
    expect(table).toEqual({ columns, rows: [{ cells: [3] }] });
  });
});

test("buckets are counted as one says them", () => {
  expect([periodName(3, "day"), periodName(3, "five_minutes"), periodName(1, "week")]).toEqual([
    "Day 3",
    "15 min",
    "Week 1",
  ]);
  expect([bucketsWords(1, "day"), bucketsWords(2, "month")]).toEqual(["1 day", "2 months"]);
});

describe("retention", () => {
  const answer: Insights["retention"]["answer"] = {
    cohorts: [
      { bucket: FIRST, size: 10, values: [10, 4, null] },
      { bucket: SECOND, size: 5, values: [5, null, null] },
      { bucket: THIRD, size: 0, values: [null, null, null] },
    ],
    average: [1, 0.4, null],
    meta: META,
  };
  const { columns, rows, total } = retention.table(answer, {}, "day");

  test("has a row for each cohort and a column for each period", () => {
    expect(columns.map(({ title }) => title)).toEqual(["Began", "People", "Day 0", "Day 1", "Day 2"]);
    expect(rows[0]?.cells).toEqual(["Sun 1 Mar 2026", 10, 10, 4, null]);
  });

  test("points at the cohort and at its cells, and at none that is not over", () => {
    expect(rows[0]?.pointers).toEqual([
      null,
      { cohort: FIRST },
      { cohort: FIRST, period: 0 },
      { cohort: FIRST, period: 1 },
      null,
    ]);
  });

  test("has the API's averages below, and no sum of people", () => {
    expect(total?.cells).toEqual(["Average", null, "100%", "40%", null]);
  });

  test("has the averages of each value of a breakdown with it", () => {
    const broken = { ...answer, breakdowns: [{ value: "DE", cohorts: answer.cohorts, average: [1, 0.2, null] }] };
    const told = retention.table(broken, {}, "day");
    expect(told.total).toBeUndefined();
    expect(told.rows.map((row) => row.cells.slice(0, 2))).toEqual([
      ["Sun 1 Mar 2026", "Everything"],
      ["Mon 2 Mar 2026", "Everything"],
      ["Tue 3 Mar 2026", "Everything"],
      ["Average", "Everything"],
      ["Sun 1 Mar 2026", "DE"],
      ["Mon 2 Mar 2026", "DE"],
      ["Tue 3 Mar 2026", "DE"],
      ["Average", "DE"],
    ]);
    expect(told.rows[4]?.pointers?.[4]).toEqual({ cohort: FIRST, period: 1, breakdown: "DE" });
    expect(told.rows.at(-1)?.cells).toEqual(["Average", "DE", null, "100%", "20%", null]);
  });

  test("says how many came back, without the bucket of the start", () => {
    expect(retention.sentence(answer, {}, "day")).toBe("Came back, on average of all cohorts: 40% at day 1.");
    expect(retention.sentence({ ...answer, average: [1, 0.4, 0.25] }, { criterion: "on_or_after" }, "week")).toBe(
      "Came back, on average of all cohorts: 40% at week 1 or later, 25% at week 2 or later.",
    );
    expect(retention.sentence({ ...answer, average: [1, null, null] }, {}, "day")).toBe(
      "No bucket after the first one is over yet.",
    );
  });

  test("is empty where no cohort has anybody", () => {
    expect(retention.isEmpty(answer)).toBe(false);
    expect(retention.isEmpty({ ...answer, cohorts: answer.cohorts.slice(2) })).toBe(true);
  });

  test("needs both events", () => {
    expect(retention.whole({ start_event: "", return_event: "*" })).toBeNull();
    expect(retention.whole({ start_event: "*", return_event: "", breakdown: [] })).toBeNull();
    expect(retention.whole({ start_event: "a", return_event: "b", breakdown: [{ property: "" }], per: "" })).toEqual({
      start_event: "a",
      return_event: "b",
    });
  });
});

describe("lifecycle", () => {
  const answer: Insights["lifecycle"]["answer"] = {
    buckets: DAYS,
    incomplete: [false, false, true],
    new: [5, 2, 1],
    returning: [0, 3, 2],
    resurrecting: [1, 0, 0],
    dormant: [0, 3, 4],
    meta: META,
  };

  test("has the four states of each bucket, and says which is not over", () => {
    const { rows } = lifecycle.table(answer, {}, "day");
    expect(rows.map(({ cells, open }) => [...cells, open])).toEqual([
      ["Sun 1 Mar 2026", 5, 0, 1, 0, false],
      ["Mon 2 Mar 2026", 2, 3, 0, 3, false],
      ["Tue 3 Mar 2026", 1, 2, 0, 4, true],
    ]);
    expect(rows[1]?.pointers).toEqual([
      null,
      { state: "new", bucket: SECOND },
      { state: "returning", bucket: SECOND },
      { state: "resurrecting", bucket: SECOND },
      { state: "dormant", bucket: SECOND },
    ]);
  });

  test("says the last bucket that is over", () => {
    expect(lifecycle.sentence(answer, {}, "day")).toBe(
      "In the last day that is over, Mon 2 Mar 2026: new 2, returning 3, back after a pause 0, stayed away 3.",
    );
    expect(lifecycle.sentence({ ...answer, incomplete: [true, true, true] }, {}, "day")).toBe(
      "The first day of the range is not over yet.",
    );
  });

  test("is empty where nobody was in any state", () => {
    const none = [0, 0, 0];
    const nobody = { ...answer, new: none, returning: none, resurrecting: none, dormant: none };
    expect(lifecycle.isEmpty(nobody)).toBe(true);
    expect(lifecycle.isEmpty({ ...nobody, dormant: [0, 0, 1] })).toBe(false);
  });
});

describe("stickiness", () => {
  const exactly = { "1": 6, "2": 3, "10": 1 };
  const at_least = { "1": 10, "2": 4, "10": 1 };
  const answer: Insights["stickiness"]["answer"] = { exactly, at_least, meta: META };

  test("goes by number, not by letter", () => {
    const { rows } = stickiness.table(answer, {}, "day");
    expect(rows.map(({ cells }) => cells)).toEqual([
      ["1 day", 6, 10],
      ["2 days", 3, 4],
      ["10 days", 1, 1],
    ]);
    expect(rows[1]?.pointers).toEqual([null, { exactly: 2 }, { at_least: 2 }]);
  });

  test("says how many were active at all, and who most", () => {
    expect(stickiness.sentence(answer, {}, "day")).toBe(
      "10 people were active, 6 of them in one day only; the most active ones (1) in 10 days.",
    );
    expect(
      stickiness.sentence({ ...answer, exactly: { "1": 2, "2": 0 }, at_least: { "1": 2, "2": 0 } }, {}, "day"),
    ).toBe("2 people were active, 2 of them in one day only.");
  });

  test("is empty where nobody was active", () => {
    expect(stickiness.isEmpty({ ...answer, exactly: { "1": 0 }, at_least: { "1": 0 } })).toBe(true);
    expect(stickiness.isEmpty(answer)).toBe(false);
  });
});
