import { describe, expect, test } from "vitest";
import type { Insights } from "../../src/api/types";
import { funnel, stillOpen } from "../../src/insights/funnel";
import type { Own } from "../../src/insights/kind";
import { alternativesOf, moved, stepOf, stepWords } from "../../src/insights/steps";

type Answer = Insights["funnel"]["answer"];

const OWN: Own<"funnel"> = {
  steps: [{ event: "page_view" }, { event: "add_to_cart" }, { event: "purchase" }],
  window: "P1D",
};
const ANSWER: Answer = {
  steps: [
    { event: "page_view", users: 100, rate: 1, rate_from_previous: null, dropped: 0, in_progress: 0 },
    {
      event: "add_to_cart",
      users: 40,
      rate: 0.4,
      rate_from_previous: 0.4,
      dropped: 55,
      in_progress: 5,
      seconds: { median: 60, mean: 80, p90: 200, min: 1, max: 900 },
    },
    {
      event: "purchase",
      users: 10,
      rate: 0.1,
      rate_from_previous: 0.25,
      dropped: 28,
      in_progress: 2,
      seconds: { median: 300, mean: 310, p90: 700, min: 30, max: 1800 },
    },
  ],
  rate_finished: 10 / 93,
  meta: { timezone: "UTC", now: "2026-03-04T00:00:00.000+00:00" },
};

describe("steps", () => {
  const mobile = { property: "device", operator: "is" as const, values: ["mobile"] };

  test("of one event are that event, of several any of them", () => {
    expect(alternativesOf({ event: "a" })).toEqual([{ event: "a" }]);
    expect(alternativesOf({ any: [{ event: "a" }, { any: [{ event: "b" }, { event: "c" }] }] })).toEqual([
      { event: "a" },
      { event: "b" },
      { event: "c" },
    ]);
  });

  test("filters of all alternatives are those of each", () => {
    expect(alternativesOf({ any: [{ event: "a", filters: [mobile] }, { event: "b" }], filters: [mobile] })).toEqual([
      { event: "a", filters: [mobile, mobile] },
      { event: "b", filters: [mobile] },
    ]);
  });

  test("an “any” of one is written as one", () => {
    expect(stepOf([{ event: "a" }])).toEqual({ event: "a" });
    expect(stepOf([{ event: "a" }, { event: "b" }])).toEqual({ any: [{ event: "a" }, { event: "b" }] });
  });

  test("are said with their filters and alternatives", () => {
    expect(stepWords({ any: [{ event: "*" }, { event: "b", filters: [mobile] }] })).toBe(
      "All events or b, where device is mobile",
    );
  });

  test("change places with their neighbours, and go nowhere beyond the ends", () => {
    expect(moved(["a", "b", "c"], 1, -1)).toEqual(["b", "a", "c"]);
    expect(moved(["a", "b", "c"], 1, 1)).toEqual(["a", "c", "b"]);
    expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
    expect(moved(["a", "b"], 1, 1)).toEqual(["a", "b"]);
  });
});

describe("what is not whole yet", () => {
  test.each<[string, Own<"funnel">]>([
    ["one step", { steps: [{ event: "a" }] }],
    ["a step without an event", { steps: [{ event: "a" }, { event: "" }] }],
    ["a step whose alternative has no event", { steps: [{ event: "a" }, { any: [{ event: "b" }, { event: "" }] }] }],
  ])("%s is not asked", (_, own) => {
    expect(funnel.whole(own)).toBeNull();
  });

  test("exclusions without an event, or between no two steps, are left out", () => {
    const exclusions = [
      { event: "", after: 1, before: 2 },
      { event: "x", after: 2, before: 2 },
      { event: "x", after: 1, before: 4 },
    ];
    expect(funnel.whole({ ...OWN, exclusions, exclusion_mode: "person" })).toEqual(OWN);
    const good = { event: "x", after: 1, before: 3 };
    expect(funnel.whole({ ...OWN, exclusions: [...exclusions, good], exclusion_mode: "person" })).toEqual({
      ...OWN,
      exclusions: [good],
      exclusion_mode: "person",
    });
  });

  test("a funnel in any order has no exclusions", () => {
    const own: Own<"funnel"> = { ...OWN, order: "unordered", exclusions: [{ event: "x", after: 1, before: 2 }] };
    expect(funnel.whole(own)).not.toHaveProperty("exclusions");
  });
});

describe("the table", () => {
  const { rows, columns } = funnel.table(ANSWER, OWN, "day");

  test("has a row for each step, with who took it and who did not", () => {
    expect(rows.map((row) => row.cells.slice(0, 6))).toEqual([
      ["1 page_view", 100, 1, null, null, null],
      ["2 add_to_cart", 40, 0.4, 0.4, 55, 5],
      ["3 purchase", 10, 0.1, 0.25, 28, 2],
    ]);
    for (const row of rows) expect(row.cells).toHaveLength(columns.length);
  });

  test("points at the three outcomes of a step", () => {
    expect(rows[1]?.pointers?.filter(Boolean)).toEqual([
      { step: 2 },
      { step: 2, outcome: "dropped" },
      { step: 2, outcome: "in_progress" },
    ]);
  });

  test("has what was broken down, and what was asked over time, each with its pointer", () => {
    const answer: Answer = {
      ...ANSWER,
      breakdowns: [{ value: "$not_set", users: [10, 5, 0] }],
      over_time: [{ bucket: "2026-03-01T00:00:00+00:00", entered: 20, converted: 3, rate: 0.15 }],
    };
    const told = funnel.table(answer, OWN, "day");
    expect(told.rows[0]?.cells.slice(0, 3)).toEqual(["1 page_view", "Everybody", 100]);
    expect(told.rows[1]?.pointers?.[5]).toEqual({ step: 2, outcome: "dropped" });
    const more = told.rows.slice(3);
    expect(more.map((row) => row.cells.slice(0, 4))).toEqual([
      ["1 page_view", "(not set)", 10, 1],
      ["2 add_to_cart", "(not set)", 5, 0.5],
      ["3 purchase", "(not set)", 0, 0],
      ["1 page_view", "Sun 1 Mar 2026", 20, 1],
      ["3 purchase", "Sun 1 Mar 2026", 3, 0.15],
    ]);
    expect(more[2]?.pointers).toEqual([null, null, { step: 3, breakdown: "$not_set" }]);
    expect(more[4]?.pointers).toEqual([null, null, { step: 3, bucket: "2026-03-01T00:00:00+00:00" }]);
    for (const row of more) expect(row.cells).toHaveLength(told.columns.length);
  });
});

test("the sentence says who came through, and where most were lost", () => {
  expect(funnel.sentence(ANSWER, OWN, "day")).toBe(
    "10 of 100 people (10%) took all 3 steps within 1 day; of those who are not on the way any more, 10.8%. Most were lost before add_to_cart: 55.",
  );
});

test("per group, groups are counted", () => {
  expect(funnel.sentence(ANSWER, { ...OWN, per: "group.organization" }, "day")).toContain("10 of 100 groups");
});

test("who entered so late that the window is open may still convert", () => {
  const days = ["2026-03-01", "2026-03-02", "2026-03-03"].map((day) => `${day}T00:00:00+00:00`);
  const over_time = days.map((bucket) => ({ bucket, entered: 1, converted: 0, rate: 0 }));
  // Now is the start of 4 March, and the window one day: who entered on the 2nd had until the 4th.
  expect(stillOpen({ ...ANSWER, over_time }, OWN)).toEqual([false, false, true]);
  expect(stillOpen({ ...ANSWER, over_time }, { ...OWN, window: "P3D" })).toEqual([true, true, true]);
});

test("a funnel that nobody entered is nothing to see", () => {
  const nobody = ANSWER.steps.map((step) => ({ ...step, users: 0, rate: null }));
  expect(funnel.isEmpty({ ...ANSWER, steps: nobody })).toBe(true);
  expect(funnel.isEmpty(ANSWER)).toBe(false);
});

test("opens with the longest usual way that the project has", () => {
  const events = (own: Own<"funnel">) => own.steps.map((step) => step.event);
  expect(events(funnel.opening(["purchase", "add_to_cart", "page_view"]))).toEqual([
    "page_view",
    "add_to_cart",
    "purchase",
  ]);
  expect(events(funnel.opening(["$identify", "open", "save", "close"]))).toEqual(["open", "save"]);
});
