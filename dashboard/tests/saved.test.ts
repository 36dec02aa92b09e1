/** What is saved of a question, and what its address says: the same, both ways. */

import { describe, expect, it } from "vitest";
import {
  addressOf,
  datesOf,
  isChanged,
  isFixed,
  type Kept,
  keptOf,
  openedAddress,
  rangeOf,
} from "../src/insights/saved";
import { pruned, type View } from "../src/state/view";

const TREND = { interval: true, compare: true };
const DWELL = { interval: false, compare: false };
const DEVICE = { property: "device", operator: "is", values: ["mobile"] } as const;
const OWN: Kept = { series: [{ event: "purchase", measure: "count" }], breakdown: [{ property: "device", limit: 3 }] };

const VIEWS: Record<string, View> = {
  "nothing but the question": {},
  "days, both included": { range: "2026-03-01..2026-03-14" },
  "one day": { range: "2026-03-01..2026-03-01" },
  "days until now": { range: "2026-03-01.." },
  "over a change of the clock": { range: "2026-03-29T01:00:00+01:00..2026-03-29T05:00:00+02:00" },
  buckets: { interval: "week" },
  comparison: { compare: "previous_year" },
  bots: { bots: true },
  filters: {
    filters: [{ ...DEVICE, values: ["mobile"] }, { any: [{ property: "page", operator: "is_set", values: [] }] }],
  },
  everything: {
    range: "2026-02-27..2026-03-02",
    interval: "hour",
    compare: "previous_period",
    bots: true,
    filters: [{ ...DEVICE, values: ["mobile"] }],
  },
};

describe("an address that is saved and opened again", () => {
  it.each(Object.entries(VIEWS))("is the same: %s", (_, view) => {
    const { q, ...address } = addressOf(TREND, keptOf(TREND, OWN, view));
    expect(q).toEqual(OWN);
    expect(pruned(address)).toEqual(view);
  });

  it.each(["7d", "24h", "mtd", "today", "12m"])("keeps no range that moves on: %s", (range) => {
    expect(keptOf(TREND, OWN, { range })).toEqual(OWN);
    expect(isFixed(range)).toBe(false);
  });

  it("keeps what its kind has no control for, and nothing of controls that do not count", () => {
    const kept = keptOf(DWELL, { by: "page" }, { interval: "week", compare: "previous_period" });
    expect(kept).toEqual({ by: "page" });
    const asked = {
      by: "page",
      interval: "week",
      per: "group.organization",
      timezone: "Asia/Tokyo",
      week_start: "sunday",
    };
    expect(keptOf(DWELL, addressOf(DWELL, asked).q, {})).toEqual(asked);
  });

  it("keeps which buckets there are of a question that may have none", () => {
    const takes = { interval: "where asked", compare: false } as const;
    expect(keptOf(takes, { by: "page" }, { interval: "week" })).toEqual({ by: "page" });
    const kept = keptOf(takes, { by: "page", interval: "day" }, { interval: "week" });
    expect(kept).toEqual({ by: "page", interval: "week" });
    expect(addressOf(takes, kept)).toMatchObject({ q: { by: "page", interval: "week" }, interval: "week" });
    expect(isChanged(takes, kept, { by: "page", interval: "day" }, { interval: "week" })).toBe(false);
    expect(isChanged(takes, kept, { by: "page" }, { interval: "week" })).toBe(true);
  });

  it("says 'no comparison' by saying nothing", () => {
    expect(keptOf(TREND, OWN, { compare: "none" })).toEqual(OWN);
  });

  it("moves filters of the question to those of the page, where they mean the same", () => {
    const kept = keptOf(TREND, { ...OWN, filters: [DEVICE] }, { filters: [{ property: "page", operator: "is_set" }] });
    expect(kept.filters).toEqual([DEVICE, { property: "page", operator: "is_set" }]);
    expect(addressOf(TREND, kept).q).toEqual(OWN);
  });
});

describe("a question that another program saved", () => {
  it.each([
    ["2026-03-01", "2026-03-15", "2026-03-01..2026-03-14"],
    ["2026-03-01T10:00:00Z", "2026-03-02T10:00:00Z", "2026-03-01T10:00:00Z..2026-03-02T10:00:00Z"],
    [1772359200, 1772445600, "2026-03-01T10:00:00.000Z..2026-03-02T10:00:00.000Z"],
    [1772359200000, 1772445600000, "2026-03-01T10:00:00.000Z..2026-03-02T10:00:00.000Z"],
    ["2026-03-01", null, "2026-03-01.."],
    [null, null, undefined],
    [undefined, "2026-03-15", undefined],
    ["2026-03-01", "2026-03-02T10:00:00Z", undefined],
  ])("from %s to %s is the range %s", (from, to, range) => {
    expect(rangeOf(from, to)).toBe(range);
  });

  it("has dates that a board can hold as well", () => {
    expect(datesOf("2026-03-01..2026-03-14")).toEqual({ from: "2026-03-01", to: "2026-03-15" });
    expect(datesOf("2026-03-01..")).toEqual({ from: "2026-03-01" });
    expect(datesOf("7d")).toEqual({});
    expect(datesOf(undefined)).toEqual({});
  });

  it("is not changed by being opened, whatever the order of its keys and its nulls", () => {
    const saved = { to: "2026-03-15", from: "2026-03-01", formula: null, filters: [], include_bots: false, ...OWN };
    const { q, ...address } = addressOf(TREND, saved);
    expect(isChanged(TREND, saved, q, pruned(address))).toBe(false);
    expect(isChanged(TREND, saved, { ...q, formula: "A/A" }, pruned(address))).toBe(true);
  });
});

describe("changes", () => {
  const view = { range: "7d", filters: [{ ...DEVICE, values: ["mobile"] }] } satisfies View;
  const saved = keptOf(TREND, OWN, view);

  it.each<[string, boolean, Kept, View]>([
    ["none", false, OWN, view],
    ["another range that moves", false, OWN, { ...view, range: "30d" }],
    ["another range with dates", true, OWN, { ...view, range: "2026-03-01..2026-03-14" }],
    ["a filter less", true, OWN, { range: "7d" }],
    ["other buckets", true, OWN, { ...view, interval: "week" }],
    ["another series", true, { ...OWN, series: [{ event: "page_view" }] }, view],
  ])("%s", (_, changed, own, now) => {
    expect(isChanged(TREND, saved, own, now)).toBe(changed);
  });
});

describe("a saved insight that is opened", () => {
  const saved = { id: "saved_1", kind: "trend" as const, question: OWN };

  it("is about the range that is looked at", () => {
    expect(openedAddress(TREND, saved, { range: "7d" }).range).toBe("7d");
  });

  it("does not take over the dates of another one", () => {
    expect(openedAddress(TREND, saved, { range: "2026-03-01..2026-03-14" }).range).toBeUndefined();
  });

  it("brings its own dates and filters, and takes those that were there away", () => {
    const dated = { ...saved, question: { ...OWN, from: "2026-03-01", to: "2026-03-15" } };
    const address = openedAddress(TREND, dated, { range: "7d", filters: [{ ...DEVICE, values: ["mobile"] }] });
    expect(address).toEqual({
      kind: "trend",
      saved: "saved_1",
      q: OWN,
      range: "2026-03-01..2026-03-14",
      interval: undefined,
      compare: undefined,
      filters: undefined,
      bots: undefined,
    });
  });
});
