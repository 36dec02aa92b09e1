import { describe, expect, it } from "vitest";
import { waysOut } from "../../src/parts/no-match";

const country = { property: "properties.country", operator: "is" as const, values: ["XX"] };
const device = { property: "device", operator: "is" as const, values: ["mobile"] };
const own = { property: "page", operator: "is" as const, values: ["/"] };

describe("where nothing matches", () => {
  it("each filter of the page is left out by itself, then all of them, then bots are let in", () => {
    const ways = waysOut({ filters: [country, device] }, [country, device], false);
    expect(ways.map((one) => one.words)).toEqual([
      "Without “properties.country is XX”",
      "Without “device is mobile”",
      "Without any filter",
      "With bots",
    ]);
    expect(ways[0]?.question).toEqual({ filters: [device] });
    expect(ways[1]?.view).toEqual({ filters: [country] });
    expect(ways[2]?.view).toEqual({ filters: undefined });
  });

  it("a filter of the question's own stays", () => {
    const [way] = waysOut({ filters: [own, country] }, [country], true);
    expect(way).toMatchObject({ question: { filters: [own] }, view: { filters: undefined } });
  });

  it("there is no way out without filters, where bots are in", () => {
    expect(waysOut({ filters: [own] }, [], true)).toEqual([]);
  });
});
