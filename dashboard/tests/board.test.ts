/** A board's tiles: moved step by step, and never on top of each other; and what a tile asks. */

import { describe, expect, it } from "vitest";
import { askedBy } from "../src/insights/tile";
import { toldTime } from "../src/insights/told";
import { trend } from "../src/insights/trend";
import { arranged, freeRow, type Place, readingOrder, type Step, stepped } from "../src/state/grid";
import { matching } from "../src/state/matching";

const at = (x: number, y: number, width = 6, height = 4): Place => ({ x, y, width, height });
const HALVES = [at(0, 0), at(6, 0), at(0, 4), at(6, 4)];

describe("a step", () => {
  it.each<[Step, Place[]]>([
    ["left", HALVES],
    ["up", HALVES],
    ["narrower", [at(0, 0, 5), at(6, 0), at(0, 4), at(6, 4)]],
    ["wider", [at(0, 0, 7), at(6, 4), at(0, 4), at(6, 8)]],
    ["right", [at(1, 0), at(6, 4), at(0, 4), at(6, 8)]],
    ["taller", [at(0, 0, 6, 5), at(6, 0), at(0, 5), at(6, 4)]],
    ["down", [at(0, 4), at(6, 0), at(0, 0), at(6, 4)]],
  ])("%s", (step, places) => {
    expect(stepped(HALVES, 0, step)).toEqual(places);
  });

  it("up and down are each other's way back", () => {
    expect(stepped(stepped(HALVES, 0, "down"), 0, "up")).toEqual(HALVES);
    expect(stepped(stepped(HALVES, 2, "up"), 2, "down")).toEqual(HALVES);
  });

  it("stays inside of the grid, and has a least size", () => {
    const small = [at(10, 0, 2, 2)];
    for (const step of ["right", "up", "narrower", "shorter", "down"] as const) {
      expect(stepped(small, 0, step)).toEqual(small);
    }
  });

  it("never leaves one tile on another, whatever is done", () => {
    const steps: Step[] = ["right", "wider", "down", "taller", "left", "up", "narrower", "shorter", "wider", "down"];
    let tiles: Place[] = HALVES;
    for (let turn = 0; turn < 200; turn++) {
      tiles = stepped(tiles, turn % 4, steps[(turn * 7) % steps.length] as Step);
      const cells = tiles.flatMap(({ x, y, width, height }) =>
        Array.from({ length: width * height }, (_, cell) => `${x + (cell % width)} ${y + Math.floor(cell / width)}`),
      );
      expect(new Set(cells).size).toBe(cells.length);
      expect(tiles.every(({ x, y, width }) => x >= 0 && y >= 0 && x + width <= 12)).toBe(true);
    }
  });
});

describe("tiles", () => {
  it("that a program laid over each other go below each other", () => {
    expect(arranged([at(0, 0), at(0, 0), at(3, 2)])).toEqual([at(0, 0), at(0, 4), at(3, 8)]);
  });

  it("leave no row empty", () => {
    expect(arranged([at(0, 3), at(6, 20)])).toEqual([at(0, 0), at(6, 4)]);
  });

  it("are read row by row, and new ones come last", () => {
    expect(readingOrder([at(6, 4), at(6, 0), at(0, 4), at(0, 0)])).toEqual(HALVES);
    expect(freeRow(HALVES)).toBe(8);
    expect(freeRow([])).toBe(0);
  });
});

describe("what an answer tells of its time", () => {
  it.each([
    [["2026-03-01T00:00:00+01:00", "2026-03-02T00:00:00+01:00", "2026-03-03T00:00:00+01:00"], "day", 3],
    [["2026-03-28T00:00:00+01:00", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"], "day", 3],
    [["2026-03-01T00:00:00+01:00", "2026-03-01T01:00:00+01:00"], "hour", 0],
    [["2026-02-27T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z", "2026-03-16T00:00:00Z"], "week", 24],
    [["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"], "month", 90],
    [["2026-03-01T00:00:00Z"], "day", 1],
    [[], "day", 1],
  ])("%j are %ss", (buckets, interval, days) => {
    const told = toldTime({ buckets });
    expect(told.interval).toBe(interval);
    expect(Math.round(told.days)).toBe(days);
  });

  it("believes what is said of it more than what it looks like", () => {
    expect(toldTime({ exactly: { "1": 2 } }, { interval: "week" }).interval).toBe("week");
    expect(toldTime({ buckets: [] }, { interval: null }).interval).toBe("day");
  });

  it("reads cohorts, and answers that have no time", () => {
    expect(
      toldTime({ cohorts: [{ bucket: "2026-03-02T00:00:00Z" }, { bucket: "2026-03-09T00:00:00Z" }] }).interval,
    ).toBe("week");
    expect(toldTime({ rows: [] })).toEqual({ interval: "day", days: 1 });
  });
});

describe("what is found by a few letters", () => {
  const names = ["Purchases by device", "Page views", "Repurchase", "Device types"];

  it("has every word, and beginnings come first", () => {
    expect(matching(names, "dev", String)).toEqual(["Device types", "Purchases by device"]);
    expect(matching(names, "purch", String)).toEqual(["Purchases by device", "Repurchase"]);
    expect(matching(names, "device purch", String)).toEqual(["Purchases by device"]);
    expect(matching(names, "  ", String)).toEqual(names);
    expect(matching(names, "zzz", String)).toEqual([]);
  });
});

describe("a tile whose insight was saved with dates", () => {
  const question = { series: [{ event: "a" }], from: "2026-03-01", to: "2026-03-08" };
  const source = { kind: "trend" as const, question, title: "", saved: undefined };
  const over = { board: {}, view: {}, zone: "UTC", now: Date.parse("2026-03-15T12:00:00Z") };

  it("keeps to them, and says so, where nothing else is said", () => {
    const asked = askedBy(trend, source, over);
    expect([asked.dated, asked.question.from, asked.question.to]).toEqual([true, "2026-03-01", "2026-03-08"]);
  });

  it("follows the board, and the address before it", () => {
    const board = { from: "2026-02-01", to: "2026-02-02" };
    expect(askedBy(trend, source, { ...over, board })).toMatchObject({
      dated: false,
      view: { range: "2026-02-01..2026-02-01" },
    });
    expect(askedBy(trend, source, { ...over, board, view: { range: "7d" } })).toMatchObject({
      dated: false,
      view: { range: "7d" },
    });
  });
});
