/** Sessions, paths, dwell and components: what was visited. */

import { describe, expect, test } from "vitest";
import type { Insights } from "../../src/api/types";
import { components, endsOf } from "../../src/insights/components";
import { byMedian, dwell } from "../../src/insights/dwell";
import { paths, streamsOf } from "../../src/insights/paths";
import { sessions } from "../../src/insights/sessions";

const META = { timezone: "UTC", now: "2026-03-02T12:00:00.000+00:00" };
const [FIRST, SECOND] = ["2026-03-01T00:00:00+00:00", "2026-03-02T00:00:00+00:00"] as const;

describe("sessions", () => {
  const answer: Insights["sessions"]["answer"] = {
    sessions: 9,
    bounces: 3,
    bounce_rate: 1 / 3,
    duration: { mean: 100, median: 61, p95: 900 },
    events_per_session: 4.5,
    entries: [{ page: "/", sessions: 6 }],
    exits: [{ page: "/cart", sessions: 2 }],
    buckets: [FIRST, SECOND],
    incomplete: [false, true],
    started: [5, 4],
    active: [5, 6],
    meta: META,
  };
  const { columns, rows, total } = sessions.table(answer, {}, "day");

  test("tell all of the range below, with its list", () => {
    expect(columns.map(({ title }) => title)).toEqual(["Which", "Sessions", "Active"]);
    expect(total).toEqual({ cells: ["The whole range", 9, null], pointers: [null, {}, null] });
  });

  test("tell those that began in a bucket, and those that were active", () => {
    expect(rows[1]).toEqual({
      cells: ["Mon 2 Mar 2026", 4, 6],
      pointers: [null, { bucket: SECOND }, { bucket: SECOND, active: true }],
      open: true,
    });
  });

  test("tell where they were entered and left", () => {
    expect(rows.slice(2).map(({ cells, pointers }) => [cells[0], cells[1], pointers?.[1]])).toEqual([
      ["Entered at /", 6, { entry: "/" }],
      ["Left from /cart", 2, { exit: "/cart" }],
    ]);
  });

  test("of values are told with their times, and a list for what is counted", () => {
    const { entries: _, ...numbers } = answer;
    const more = {
      ...numbers,
      entries: [{ component: "Checkout", sessions: 6 }],
      breakdowns: [{ ...answer, value: "mobile" }],
    };
    const told = sessions.table(more, { by: "component" }, "day");
    for (const row of told.rows) {
      expect(row.cells).toHaveLength(told.columns.length);
      expect(row.pointers?.length ?? 0).toBeLessThanOrEqual(told.columns.length);
    }
    expect(told.rows[0]?.cells).toEqual(["mobile", 9, 3, 1 / 3, 61, 100, 900, 4.5, null]);
    expect(told.rows[0]?.pointers?.slice(1, 3)).toEqual([
      { breakdown: "mobile" },
      { breakdown: "mobile", bounced: true },
    ]);
    expect(told.rows[2]?.pointers?.at(-1)).toEqual({ bucket: SECOND, active: true });
    expect(told.rows[3]?.cells[0]).toBe("Entered at Checkout");
  });

  test("say how many, how long, from where to where", () => {
    expect(sessions.sentence(answer, {}, "day")).toBe(
      "9 sessions; 33.3% bounced, half lasted longer than 1 m 01 s. Most were entered at / (6) and left from /cart (2).",
    );
    expect(sessions.sentence({ ...answer, entries: [], exits: [] }, {}, "day")).toMatch(/1 m 01 s\.$/);
  });

  test("are nothing to see where none began and none was active", () => {
    const none = { ...answer, sessions: 0, started: [0, 0] };
    expect(sessions.isEmpty({ ...none, active: [0, 0] })).toBe(true);
    expect(sessions.isEmpty({ ...none, active: [0, 1] })).toBe(false);
    expect(sessions.isEmpty(answer)).toBe(false);
  });
});

describe("paths", () => {
  const answer: Insights["paths"]["answer"] = {
    sessions: 10,
    links: [
      { step: 1, from: "/", to: "/goods", sessions: 7 },
      { step: 1, from: "/", to: "$other", sessions: 1 },
    ],
    exits: [
      { step: 1, name: "/", sessions: 2, cut: 0 },
      { step: 2, name: "/goods", sessions: 7, cut: 3 },
      { step: 2, name: "$other", sessions: 1, cut: 1 },
    ],
    matrix: [
      { from: "/", to: "/goods", count: 9 },
      { from: "/goods", to: "(exit)", count: 4 },
    ],
    meta: META,
  };

  test("are streams, of which those lead nowhere that left", () => {
    expect(streamsOf(answer, {}).map(({ step, from, to, value }) => [step, from, to, value])).toEqual([
      [1, "/", "/goods", 7],
      [1, "/", "Other", 1],
      [1, "/", null, 2],
      // Three went on behind the last step, and of the others all did.
      [2, "/goods", null, 4],
    ]);
  });

  test("point at who went, by the API's own names", () => {
    expect(streamsOf(answer, {}).map(({ pointer }) => pointer)).toEqual([
      { step: 1, from: "/", to: "/goods" },
      { step: 1, from: "/", to: "$other" },
      { step: 1, from: "/", to: "(exit)", cut: false },
      { step: 2, from: "/goods", to: "(exit)", cut: false },
    ]);
  });

  test("that lead to an end which was asked for do not leave there", () => {
    expect(streamsOf(answer, { end: "/goods" }).map(({ to }) => to)).toEqual(["/goods", "Other"]);
  });

  test("have a row for each link, exit and move, each with its list", () => {
    const { rows, columns, total } = paths.table(answer, {}, "day");
    expect(total?.cells).toEqual(["The whole range", null, null, 10, null, null]);
    expect(rows.map(({ cells }) => cells)).toEqual([
      ["/", "/goods", 1, 7, null, null],
      ["/", "Other", 1, 1, null, null],
      ["/", "left, or cut off", 1, 2, 0, null],
      ["/goods", "left, or cut off", 2, 7, 3, null],
      ["Other", "left, or cut off", 2, 1, 1, null],
      ["/", "/goods", null, null, null, 9],
      ["/goods", "left", null, null, null, 4],
    ]);
    expect(rows[3]?.pointers?.slice(3)).toEqual([
      { step: 2, from: "/goods", to: "(exit)" },
      { step: 2, from: "/goods", to: "(exit)", cut: true },
    ]);
    expect(rows.at(-1)?.pointers?.at(-1)).toEqual({ from: "/goods", to: "(exit)" });
    // A session may make a move several times.
    expect(columns.map(({ unit }) => unit).slice(3)).toEqual(["sessions", "sessions", "events"]);
  });

  test("say where most went first, and how many went nowhere", () => {
    expect(paths.sentence(answer, {}, "day")).toBe(
      "10 sessions. Most went from / to /goods first (7). 2 had nothing after /.",
    );
    expect(paths.sentence(answer, { end: "/" }, "day")).toBe("10 sessions. Most went from / to /goods first (7).");
  });

  test("are nothing to see without sessions", () => {
    expect(paths.isEmpty(answer)).toBe(false);
    expect(paths.isEmpty({ ...answer, sessions: 0, links: [], exits: [], matrix: [] })).toBe(true);
  });

  test("open with pages, else with components, else with events", () => {
    expect(paths.opening(["component_visit", "page_view"]).by).toBe("page");
    expect(paths.opening(["component_visit"]).by).toBe("component");
    expect(paths.opening(["purchase"]).by).toBe("event");
  });
});

describe("dwell", () => {
  const row = { visits: 4, measured: 3, unknown: 1, total_s: 30, mean_s: 10, median_s: 8, p90_s: 20, p95_s: 22 };
  const never = { measured: 0, unknown: 4, total_s: null, mean_s: null, median_s: null, p90_s: null, p95_s: null };
  const answer: Insights["dwell"]["answer"] = {
    rows: [
      { ...row, ...never, name: "Unknown" },
      { ...row, name: "Cart" },
      { ...row, name: "Hero", median_s: 0 },
      { ...row, name: "Checkout", median_s: 90 },
    ],
    meta: META,
  };

  test("goes by median, what is unknown last, also behind nothing at all", () => {
    expect(byMedian(answer.rows).map(({ name }) => name)).toEqual(["Checkout", "Cart", "Hero", "Unknown"]);
  });

  test("has every number, and lists of what is counted", () => {
    const { rows } = dwell.table(answer, {}, "day");
    expect(rows[1]?.cells).toEqual(["Cart", 4, 3, 1, 8, 10, 20, 22, 30]);
    expect(rows[0]?.cells).toEqual(["Unknown", 4, 0, 4, null, null, null, null, null]);
    expect(rows[1]?.pointers?.filter(Boolean)).toEqual([
      { row: "Cart" },
      { row: "Cart", measured: true },
      { row: "Cart", measured: false },
    ]);
    expect(dwell.lists[0]).toBe("events");
  });

  test("says what was looked at longest and shortest, of what is known", () => {
    expect(dwell.sentence(answer, {}, "day")).toBe(
      "Looked at longest: Checkout (median 1 m 30 s of 3 measured visits); shortest: Hero (median 0 s of 3 measured visits).",
    );
    expect(dwell.sentence({ ...answer, rows: answer.rows.slice(0, 1) }, {}, "day")).toBe(
      "Of no visit is known how long it lasted.",
    );
  });

  test("opens with components where there are some, else with pages", () => {
    expect(dwell.opening(["page_view", "component_visit"]).by).toBe("component");
    expect(dwell.opening(["page_view"]).by).toBe("page");
  });
});

describe("components", () => {
  const row = { visits: 10, interactions: 5, errors: 0, users: 4, median_s: 3, change: null };
  const named = (name: string, more: Partial<typeof row>) => ({ ...row, component: name, ...more });
  const answer: Insights["components"]["answer"] = {
    rows: [named("Hero", { visits: 30 }), named("Cart", { visits: 20, errors: 2 }), named("Faq", { visits: 1 })],
    meta: META,
  };
  const names = (rows: readonly { component: string }[]) => rows.map(({ component }) => component);

  test("are most and least popular, none of them both", () => {
    const ends = endsOf(answer.rows, {});
    expect([names(ends.most), names(ends.least)]).toEqual([["Hero", "Cart"], ["Faq"]]);
  });

  test("are the same at both ends when the least come first", () => {
    const ends = endsOf(answer.rows.toReversed(), { order: "ascending" });
    expect([names(ends.most), names(ends.least)]).toEqual([["Hero", "Cart"], ["Faq"]]);
  });

  test("are eight at each end, the outermost first", () => {
    const many = Array.from({ length: 30 }, (_, place) => named(`C${place}`, { visits: 30 - place }));
    const ends = endsOf(many, {});
    expect(names(ends.most)).toEqual(many.slice(0, 8).map(({ component }) => component));
    expect(names(ends.least)).toEqual(
      many
        .slice(-8)
        .toReversed()
        .map(({ component }) => component),
    );
  });

  test("of which a number is unknown are at no end of it", () => {
    const rows = [named("Cart", {}), { ...named("Faq", {}), median_s: null }];
    const ends = endsOf(rows, { sort: "median_s" });
    expect([names(ends.most), names(ends.least)]).toEqual([["Cart"], []]);
  });

  test("have lists of events for what happened, of people for people, and none for times", () => {
    const { rows, columns } = components.table(answer, {}, "day");
    expect(rows[1]?.pointers).toEqual([
      null,
      { row: "Cart", of: "visits" },
      null,
      { row: "Cart", of: "interactions" },
      { row: "Cart", of: "errors" },
      { row: "Cart" },
      null,
    ]);
    expect(components.lists[0]).toBe("events");
    expect(columns.find(({ title }) => title === "People")?.unit).toBe("people");
  });

  test("say the most visited one, and the one that fails most", () => {
    expect(components.sentence(answer, {}, "day")).toBe(
      "3 components. Most visited: Hero (30 visits, 4 people). Most errors: Cart (2).",
    );
    const fine = { ...answer, rows: [named("Hero", {})].map((one) => ({ ...one, change: 50 })) };
    expect(components.sentence(fine, { per: "group.team" }, "day")).toBe(
      "1 component. Most visited: Hero (10 visits, 4 groups, +50 % against before). No errors.",
    );
  });
});
