import { describe, expect, test } from "vitest";
import type { Insights } from "../../src/api/types";
import type { Own } from "../../src/insights/kind";
import { askedNames, isFormula, lineName, seriesOf, trend, whole } from "../../src/insights/trend";

type Answer = Insights["trend"]["answer"];
type Line = Answer["series"][number];

const META: Answer["meta"] = {
  exact: true,
  elapsed_ms: 1,
  rows_read: 1,
  timezone: "UTC",
  now: "2026-03-02T12:00:00Z",
  excluded_bots: 0,
};
const BUCKETS = ["2026-03-01T00:00:00+00:00", "2026-03-02T00:00:00+00:00"];

const line = (
  name: string,
  breakdown: string[] | null,
  values: (number | null)[] = [1, 2],
  total: number | null = 3,
): Line => ({
  name,
  breakdown,
  values,
  total,
});
const answerOf = (...series: Line[]): Answer => ({ buckets: BUCKETS, incomplete: [false, true], series, meta: META });

/** Names as they are sent, which are those of the answer. */
const sent = (own: Own<"trend">) => trend.asked?.(own).series.map((one) => one.name ?? one.event);

describe("whose each row is", () => {
  test("without a breakdown, each series has one, and the formula is last", () => {
    const own: Own<"trend"> = { series: [{ event: "page_view" }, { event: "purchase" }], formula: "B/A" };
    const answer = answerOf(line("page_view", null), line("purchase", null), line("B/A", null));
    expect(seriesOf(answer, own)).toEqual([0, 1, null]);
  });

  test("with a breakdown, a series has as many rows as it found values", () => {
    const own: Own<"trend"> = {
      series: [{ event: "page_view" }, { event: "purchase" }],
      breakdown: [{ property: "device" }],
      formula: "B/A",
    };
    const answer = answerOf(
      line("page_view", ["mobile"]),
      line("page_view", ["desktop"]),
      line("page_view", ["$not_set"]),
      line("purchase", ["desktop"]),
      line("B/A", ["mobile"]),
      line("B/A", ["desktop"]),
      line("B/A", ["$not_set"]),
    );
    expect(seriesOf(answer, own)).toEqual([0, 0, 0, 1, null, null, null]);
  });

  test("series of one event are asked for by names that differ", () => {
    const own: Own<"trend"> = {
      series: [
        { event: "page_view" },
        { event: "page_view", measure: "unique_users" },
        {
          event: "page_view",
          measure: "unique_users",
          filters: [{ property: "device", operator: "is", values: ["mobile"] }],
        },
      ],
      breakdown: [{ property: "device" }],
    };
    const names = sent(own) ?? [];
    expect(new Set(names).size).toBe(3);
    const answer = answerOf(...names.flatMap((name, place) => (place === 1 ? [] : [line(name, ["mobile"])])));
    expect(seriesOf(answer, own)).toEqual([0, 2]);
  });

  test("no series is called as the formula is", () => {
    const own: Own<"trend"> = { series: [{ event: "A" }, { event: "x", name: "A" }], formula: "A" };
    expect(sent(own)).not.toContain("A");
    expect(new Set(sent(own)).size).toBe(2);
  });

  test("a name that is as long as names may be still differs", () => {
    const event = "x".repeat(200);
    const names = askedNames({ series: Array(12).fill({ event }) });
    expect(new Set(names).size).toBe(12);
    for (const name of names) expect(name.length).toBeLessThanOrEqual(200);
  });

  test("what is asked is what stands there, where nothing is alike", () => {
    const own: Own<"trend"> = { series: [{ event: "a" }, { event: "b", name: "c" }] };
    expect(trend.asked?.(own)).toEqual(own);
  });
});

describe("names of lines", () => {
  test("say event and measure, and the values of a breakdown", () => {
    const one: Own<"trend"> = { series: [{ event: "purchase", measure: "sum", property: "properties.total" }] };
    expect(lineName(line("purchase", null), one)).toBe("purchase, sum of properties.total");
    expect(lineName(line("purchase", ["DE", "$other"]), { ...one, breakdown: [] })).toBe("DE, Other");
  });

  test("say the series beside the value, where there are several", () => {
    const own: Own<"trend"> = { series: [{ event: "*" }, { event: "purchase", name: "Bought" }] };
    expect(lineName(line("*", ["mobile"]), own)).toBe("All events, events: mobile");
    expect(lineName(line("Bought", ["mobile"]), own)).toBe("Bought: mobile");
  });

  test("say the letter of series that would be called alike", () => {
    const filters = [{ property: "device", operator: "is" as const, values: ["mobile"] }];
    const own: Own<"trend"> = { series: [{ event: "a" }, { event: "a", filters }] };
    const titles = (sent(own) ?? []).map((name) => lineName(line(name, null), own));
    expect(titles).toEqual(["A: a, events", "B: a, events"]);
  });

  test("of a formula are the formula", () => {
    expect(lineName(line("B/A", null), { series: [{ event: "a" }, { event: "b" }], formula: "B/A" })).toBe("B/A");
  });
});

describe("what is not whole yet", () => {
  test.each<[string, Own<"trend">]>([
    ["no series", { series: [] }],
    ["an event that is not chosen yet", { series: [{ event: "a" }, { event: "" }] }],
    ["a sum of nothing", { series: [{ event: "a", measure: "sum" }] }],
    ["a sum of an empty property", { series: [{ event: "a", measure: "sum", property: " " }] }],
  ])("%s is not asked", (_, own) => {
    expect(whole(own)).toBeNull();
  });

  test("empty breakdowns, and those said twice, are left out", () => {
    const breakdown = [{ property: "device" }, { property: "" }, { property: "device", limit: 3 }, { property: "os" }];
    expect(whole({ series: [{ event: "a" }], breakdown })?.breakdown).toEqual([
      { property: "device" },
      { property: "os" },
    ]);
    expect(whole({ series: [{ event: "a" }], breakdown: [{ property: "" }] })).toEqual({ series: [{ event: "a" }] });
  });

  test("a formula that is half typed is left out, the rest is asked", () => {
    const series = [{ event: "a" }, { event: "b" }];
    expect(whole({ series, formula: "B/" })).toEqual({ series });
    expect(whole({ series, formula: "B/A" })).toEqual({ series, formula: "B/A" });
    expect(whole({ series: [{ event: "a" }], formula: "B/A" })).toEqual({ series: [{ event: "a" }] });
  });

  test("what is whole stays whole", () => {
    const own: Own<"trend"> = { series: [{ event: "a", measure: "avg", property: "properties.n" }], moving_average: 7 };
    expect(whole(own)).toEqual(own);
  });
});

describe("formulas", () => {
  const own: Own<"trend"> = { series: [{ event: "a" }, { event: "b", name: "Bought" }] };

  test.each(["A", "B/A", "(A + B) / 2", "-A + 1.5", "A*-1", "((A))", "Bought/A", "2*(A-B)/(A+B)", ".5*A"])(
    "“%s” is one",
    (text) => {
      expect(isFormula(text, own)).toBe(true);
    },
  );

  test.each(["", " ", "B/", "(A", "A)", "A B", "A//B", "A**B", "C/A", "A+(", "()", "(A)(B)", "A;B", "1..2", "AB"])(
    "“%s” is none",
    (text) => {
      expect(isFormula(text, own)).toBe(false);
    },
  );
});

describe("the table", () => {
  const own: Own<"trend"> = { series: [{ event: "a" }, { event: "b", measure: "unique_users" }], formula: "B/A" };
  const answer = answerOf(line("a", null, [4, 6], 10), line("b", null, [2, 3], 4), line("B/A", null, [0.5, 0.5], 0.4));
  const told = trend.table(answer, own, "day");

  test("has each bucket, and says which is not over", () => {
    expect(told.rows.map(({ cells, open }) => [cells, open])).toEqual([
      [["Sun 1 Mar 2026", 4, 2, 0.5], false],
      [["Mon 2 Mar 2026", 6, 3, 0.5], true],
    ]);
  });

  test("has the API's totals, which are no sums", () => {
    expect(told.total?.cells).toEqual(["The whole range", 10, 4, 0.4]);
  });

  test("points at each number of a series, and at none of a formula", () => {
    expect(told.rows[1]?.pointers).toEqual([
      null,
      { series: 0, bucket: BUCKETS[1] },
      { series: 1, bucket: BUCKETS[1] },
      null,
    ]);
    expect(told.total?.pointers).toEqual([null, { series: 0 }, { series: 1 }, null]);
  });

  test("opens what is counted: events of events, people of people", () => {
    expect(told.columns.map(({ unit }) => unit)).toEqual([undefined, "events", "people", undefined]);
  });
});

test("the sentence says totals and their change, and how many more there are", () => {
  const own: Own<"trend"> = { series: [{ event: "a" }], breakdown: [{ property: "device" }] };
  const answer = answerOf(
    { ...line("a", ["x"], [1, 2], 3), change: -50 },
    { ...line("a", ["y"], [0, 2], 2), change: null },
    line("a", ["z"], [0, 1], null),
    line("a", ["$other"]),
  );
  expect(trend.sentence(answer, own, "day")).toBe("x: 3 (-50 % against before); y: 2; z: none; and 1 more.");
});

test("nothing but zero and null is nothing to see", () => {
  expect(trend.isEmpty(answerOf(line("a", null, [0, null])))).toBe(true);
  expect(trend.isEmpty(answerOf())).toBe(true);
  expect(trend.isEmpty(answerOf(line("a", null, [0, 1])))).toBe(false);
});

test("opens with page views where there are some, else with what is most frequent", () => {
  expect(trend.opening(["click", "page_view"]).series[0]?.event).toBe("page_view");
  expect(trend.opening(["click", "buy"]).series[0]?.event).toBe("click");
  expect(trend.opening([]).series[0]?.event).toBe("*");
});
