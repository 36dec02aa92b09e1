import { describe, expect, test } from "vitest";
import { hasInterval, ownOf, questionOf } from "../../src/insights/ask";
import { funnel } from "../../src/insights/funnel";
import type { Own } from "../../src/insights/kind";
import { paths } from "../../src/insights/paths";
import { KINDS } from "../../src/insights/registry";
import { trend } from "../../src/insights/trend";
import { PAGES } from "../../src/pages";
import { frameOf } from "../../src/state/use-view";

const FRAME = frameOf("7d", "hour", "UTC", Date.parse("2026-03-15T12:00:00Z"));
const STEPS: Own<"funnel"> = { steps: [{ event: "a" }, { event: "b" }] };

describe("the question", () => {
  test("has the range, the filters and the buckets of the page", () => {
    const filters = [{ property: "device", operator: "is" as const, values: ["mobile"] }];
    expect(
      questionOf(trend, { series: [{ event: "a" }] }, { filters, bots: true, compare: "previous_year" }, FRAME),
    ).toEqual({
      series: [{ event: "a" }],
      from: "2026-03-09",
      to: "2026-03-16",
      filters,
      include_bots: true,
      interval: "hour",
      compare: "previous_year",
    });
  });

  test("has what a kind takes, and no more", () => {
    const asked = questionOf(paths, { by: "page" }, { compare: "previous_period" }, FRAME);
    expect(asked).not.toHaveProperty("interval");
    expect(asked).not.toHaveProperty("compare");
    expect(questionOf(trend, { series: [{ event: "a" }] }, { compare: "none" }, FRAME)).not.toHaveProperty("compare");
  });

  test("of a funnel has buckets where a course over time is asked for: those of the page", () => {
    expect(hasInterval(funnel, STEPS)).toBe(false);
    expect(questionOf(funnel, STEPS, {}, FRAME)).not.toHaveProperty("interval");
    expect(questionOf(funnel, { ...STEPS, interval: "day" }, {}, FRAME)).toHaveProperty("interval", "hour");
  });

  test("has its own filters before those of the page", () => {
    const [own, page] = ["x", "y"].map((value) => ({ property: "page", operator: "is" as const, values: [value] }));
    if (!own || !page) throw new Error("There are two.");
    expect(questionOf(funnel, { ...STEPS, filters: [own] }, { filters: [page] }, FRAME).filters).toEqual([own, page]);
  });
});

describe("an address", () => {
  test("that says nothing of a question leaves what a page opens with", () => {
    expect(ownOf<"funnel">(undefined, STEPS)).toEqual(STEPS);
    expect(ownOf<"funnel">({}, STEPS)).toEqual(STEPS);
  });

  test("goes before it, field by field", () => {
    const said = { steps: [{ event: "c" }, { event: "d" }], window: "PT1H" };
    expect(ownOf<"funnel">(said, STEPS)).toEqual(said);
  });

  test("that leaves a field out leaves it to the server, whatever a page opens with", () => {
    expect(ownOf<"paths">({ by: "event" }, { by: "page", limit: 200, max_steps: 5 })).toEqual({ by: "event" });
  });

  test("with a field of another shape says nothing of that field", () => {
    expect(ownOf<"funnel">({ steps: { event: "c" }, window: "PT1H" }, STEPS)).toEqual({ ...STEPS, window: "PT1H" });
  });
});

describe("the registry", () => {
  const rows = Object.entries(KINDS);

  test("has a row for every kind that a page asks", () => {
    const asked = PAGES.flatMap((page) => ("kinds" in page ? [...page.kinds] : []));
    expect(asked.filter((kind) => !(kind in KINDS))).toEqual([]);
  });

  test.each(rows)("%s is what it is called, and means something", (kind, row) => {
    expect(row.kind).toBe(kind);
    expect(row.meaning.length).toBeGreaterThan(100);
    expect(new Set(row.lists).size).toBe(row.lists.length);
  });

  test.each(rows)("%s opens with a question that is whole, whatever the project has", (_, row) => {
    for (const events of [[], ["$identify"], ["click"], ["page_view", "add_to_cart", "purchase", "component_visit"]]) {
      const opening = row.opening(events);
      expect((row.whole as (own: unknown) => unknown)(opening)).toEqual(opening);
    }
  });
});
