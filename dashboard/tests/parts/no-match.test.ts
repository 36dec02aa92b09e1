import { describe, expect, it } from "vitest";
import { waysOut } from "../../src/parts/no-match";

const country = { property: "properties.country", operator: "is" as const, values: ["XX"] };
const device = { property: "device", operator: "is" as const, values: ["mobile"] };
const page = { property: "page", operator: "is" as const, values: ["/"] };

describe("where nothing matches", () => {
  it("each filter of the page is left out by itself, then all of them, then bots are let in", () => {
    const ways = waysOut({ own: {}, view: { range: "7d", filters: [country, device] } });
    expect(ways).toEqual([
      { words: "Without “properties.country is XX”", own: {}, view: { range: "7d", filters: [device] } },
      { words: "Without “device is mobile”", own: {}, view: { range: "7d", filters: [country] } },
      { words: "Without any filter", own: {}, view: { range: "7d" } },
      { words: "With bots", own: {}, view: { range: "7d", filters: [country, device], bots: true } },
    ]);
  });

  it("so are the question's own, and those of its series and steps", () => {
    const own = { filters: [page], series: [{ event: "a" }, { event: "b", filters: [device] }] };
    const ways = waysOut({ own, view: { filters: [country], bots: true } });
    expect(ways.map(({ words }) => words)).toEqual([
      "Without “properties.country is XX”",
      "Without “page is /”",
      "Without “device is mobile” of series B",
      "Without any filter",
    ]);
    expect(ways[0]?.own).toBe(own);
    expect(ways[1]?.own).toEqual({ ...own, filters: [] });
    expect(ways[2]?.own).toEqual({ ...own, series: [{ event: "a" }, { event: "b", filters: [] }] });
    expect(ways[3]).toEqual({
      words: "Without any filter",
      own: {
        filters: [],
        series: [{ event: "a" }, { event: "b", filters: [] }],
      },
      view: { bots: true },
    });
    const steps = waysOut({ own: { steps: [{ event: "a", filters: [device] }] }, view: { bots: true } });
    expect(steps).toEqual([
      {
        words: "Without “device is mobile” of step 1",
        own: { steps: [{ event: "a", filters: [] }] },
        view: { bots: true },
      },
    ]);
  });

  it("there is no way out without filters, where bots are in", () => {
    expect(waysOut({ own: { series: [{ event: "a" }] }, view: { bots: true } })).toEqual([]);
  });
});
