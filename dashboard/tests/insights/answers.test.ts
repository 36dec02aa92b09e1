/** What every kind makes of answers that a server gave. Each number in them was once compared with its list. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Insights, Kind } from "../../src/api/types";
import type { Own } from "../../src/insights/kind";
import { KINDS, kindRow } from "../../src/insights/registry";
import { cellWords } from "../../src/parts/data-table";

interface Told {
  kind: Kind;
  own: Own<Kind>;
  answer: Insights[Kind]["answer"];
}

const FOLDER = new URL("./answers/", import.meta.url);
const TOLD = readdirSync(FOLDER).map((file): [string, Told] => [
  file.replace(".json", ""),
  JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")),
]);

test("there is one of every kind", () => {
  expect(new Set(TOLD.map(([, { kind }]) => kind))).toEqual(new Set(Object.keys(KINDS)));
});

describe.each(TOLD)("%s", (_, { kind, own, answer }) => {
  const row = kindRow(kind);
  if (!row) throw new Error(`There is no ${kind}.`);
  const table = row.table(answer, own, "day");
  const rows = [...table.rows, ...(table.total ? [table.total] : [])];

  test("is something to see, of a question that is whole", () => {
    expect(row.isEmpty(answer)).toBe(false);
    expect(row.whole(own)).toEqual(own);
  });

  test("has a table as wide as its heads", () => {
    expect(rows.length).toBeGreaterThan(1);
    for (const { cells, pointers = [] } of rows) {
      expect(cells).toHaveLength(table.columns.length);
      expect(pointers.length).toBeLessThanOrEqual(cells.length);
    }
  });

  test("points at numbers only, at each in its own way", () => {
    const seen = new Set<string>();
    for (const { cells, pointers = [] } of rows) {
      pointers.forEach((pointer, at) => {
        const cell = cells[at];
        if (!pointer || cell === null) return;
        expect(typeof cell).toBe("number");
        const which = JSON.stringify([at, pointer]);
        expect(seen.has(which), `${which} is pointed at twice`).toBe(false);
        seen.add(which);
      });
    }
    expect(seen.size).toBeGreaterThan(0);
  });

  test("is said in words without a hole", () => {
    const texts = [
      row.sentence(answer, own, "day"),
      ...rows.flatMap(({ cells }) => cells.map((cell, at) => cellWords(cell, table.columns[at]?.as ?? "text"))),
    ];
    for (const text of texts) expect(text).not.toMatch(/undefined|NaN|null|Infinity|\[object|\$other|\$not_set/);
    expect(texts[0]).toMatch(/\.$/);
  });
});
