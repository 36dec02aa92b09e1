/** SQL of one's own: where it is wrong, what may be read, and what leaves as a file. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { csvOf } from "../src/sql/csv";
import { forgetHistories, keyOf } from "../src/sql/histories";
import { remembered } from "../src/sql/history";
import { offsetOf, pointedAt } from "../src/sql/place";
import { TABLES } from "../src/sql/tables";

const TEXT = "SELECT event,\n  file('/etc/passwd')\nFROM events";

describe("a place in a statement", () => {
  it.each([
    [{ line: 1, column: 1 }, 0],
    [{ line: 2, column: 3 }, 16],
    [{ line: 3, column: 6 }, 41],
    [{ line: 3, column: 99 }, TEXT.length],
    [{ line: 99, column: 1 }, 36],
    [{ line: 0, column: 0 }, 0],
  ])("%o comes after %i characters", (position, offset) => {
    expect(offsetOf(TEXT, position)).toBe(offset);
  });

  it("is the place of what is wrong", () => {
    expect(TEXT.slice(offsetOf(TEXT, { line: 2, column: 3 }))).toMatch(/^file\(/);
  });

  it("has a caret under it", () => {
    expect(pointedAt(TEXT, { line: 2, column: 3 })).toEqual({ line: 2, text: "  file('/etc/passwd')", caret: "  ^" });
    expect(pointedAt(TEXT, { line: 9, column: 1 })).toBeNull();
  });

  it("keeps tabs, and goes beyond the end of a line", () => {
    expect(pointedAt("\tx", { line: 1, column: 2 })?.caret).toBe("\t^");
    expect(pointedAt("ab", { line: 1, column: 4 })?.caret).toBe("   ^");
  });
});

describe("a result as CSV", () => {
  it("quotes what has to be quoted", () => {
    expect(
      csvOf(
        ["a", "b"],
        [
          ["x,y", 'say "hi"'],
          ["two\nlines", null],
        ],
      ),
    ).toBe('a,b\r\n"x,y","say ""hi"""\r\n"two\nlines",\r\n');
  });

  it("is harmless to spreadsheets, and leaves numbers alone", () => {
    expect(csvOf(["x"], [["=1+1"], ["@sum"], ["-1"], [-1], ["\tx"]])).toBe(
      "x\r\n'=1+1\r\n'@sum\r\n'-1\r\n-1\r\n'\tx\r\n",
    );
  });

  it("writes lists and maps as JSON", () => {
    expect(csvOf(["x"], [[["a", "b"]], [{ a: 1 }], [true]])).toBe('x\r\n"[""a"",""b""]"\r\n"{""a"":1}"\r\ntrue\r\n');
  });
});

describe("the tables", () => {
  const guide = readFileSync(new URL("../../docs/guide/sql.md", import.meta.url), "utf8");

  it.each(TABLES.map((table) => [table.name, table] as const))("%s is as the guide has it", (name, table) => {
    const part = guide.split(`### ${name}\n`)[1]?.split(/\n##/)[0] ?? "";
    const rows = [...part.matchAll(/^\| `(\w+)` \| (.+?) \| (.+?) \|$/gm)].map(
      ([, column = "", type = "", is = ""]) => ({
        name: column,
        type: type.replaceAll("`", ""),
        is: is.replaceAll("`", ""),
      }),
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(table.columns).toEqual(rows);
  });
});

describe("the history", () => {
  it("has each statement once, the last one first", () => {
    expect(remembered(["a", "b"], "b")).toEqual(["b", "a"]);
    expect(remembered(["a"], "c")).toEqual(["c", "a"]);
  });

  it("does not grow for ever", () => {
    const many = Array.from({ length: 80 }, (_, at) => `SELECT ${at}`);
    expect(many.reduce<string[]>(remembered, [])).toHaveLength(50);
  });
});

describe("what was run", () => {
  it("is kept by project and user, and forgotten by whoever signs out; nothing else is", () => {
    expect(new Set([keyOf(1, "a"), keyOf(1, "b"), keyOf(2, "a"), keyOf(1)]).size).toBe(4);
    const kept = new Map([
      [keyOf(1, "a"), "[]"],
      [keyOf(2), "[]"],
      ["footfall-scheme", "dark"],
    ]);
    const storage = {
      get length() {
        return kept.size;
      },
      key: (place: number) => [...kept.keys()][place] ?? null,
      removeItem: (key: string) => kept.delete(key),
    };
    forgetHistories(storage as unknown as Storage);
    expect([...kept.keys()]).toEqual(["footfall-scheme"]);
  });
});
