/** The table of keys: whole, without doubles, and read as somebody types. */

import { describe, expect, it } from "vitest";
import { PAGES, pageAround } from "../src/pages";
import { rolesFor } from "../src/settings/members";
import { capsOf, found, GROUPS, isAlwaysOn, KEYS, keyRow, strokeOf } from "../src/state/keys";
import { PRESETS } from "../src/state/range";

const plain = { ctrlKey: false, metaKey: false, altKey: false };

describe("the table", () => {
  it("has each key and each name once", () => {
    expect(new Set(KEYS.map((row) => row.keys)).size).toBe(KEYS.length);
    expect(new Set(KEYS.map((row) => row.id)).size).toBe(KEYS.length);
  });

  it("has every page and every range", () => {
    for (const { path, key } of PAGES) expect(keyRow(`go ${path}`)?.keys).toBe(`g ${key}`);
    for (const { range, key } of PRESETS) expect(keyRow(`range ${range}`)?.keys).toBe(key);
  });

  it("has every group", () => {
    expect(new Set(KEYS.map((row) => row.group))).toEqual(new Set(GROUPS));
  });

  it("has no key that begins another one: nothing would come after it", () => {
    for (const { keys } of KEYS) {
      const begins = KEYS.filter((row) => row.keys.startsWith(`${keys} `));
      expect(begins).toEqual([]);
    }
  });

  it("lets all be switched off but what has Ctrl or Cmd, and Esc", () => {
    expect(KEYS.filter(isAlwaysOn).map((row) => row.keys)).toEqual(["mod+k", "Escape"]);
  });

  it.each([
    "filter",
    "breakdown",
    "compare",
    "interval",
    "save",
    "annotate",
    "edit",
    "before",
    "after",
    "palette",
    "help",
  ])("names what pages point at: %s", (id) => expect(keyRow(id)).toBeDefined());
});

describe("a stroke", () => {
  it.each([
    [{ ...plain, key: "f" }, "f"],
    [{ ...plain, key: "?" }, "?"],
    [{ ...plain, key: "F" }, "F"],
    [{ ...plain, key: "k", ctrlKey: true }, "mod+k"],
    [{ ...plain, key: "K", metaKey: true }, "mod+k"],
    [{ ...plain, key: "f", altKey: true }, null],
  ])("%o is %s", (stroke, name) => {
    expect(strokeOf(stroke)).toBe(name);
  });

  it("leads to its row", () => {
    expect(found("f", null)).toBe(keyRow("filter"));
    expect(found("F", null)).toBeNull();
    expect(found("mod+f", null)).toBeNull();
  });

  it("is waited for after g, and stands for itself after anything else", () => {
    expect(found("g", null)).toBe("more");
    expect(found("t", "g")).toBe(keyRow("go /trends"));
    expect(found("t", null)).toBe(keyRow("range 30d"));
    expect(found("t", "f")).toBe(keyRow("range 30d"));
    expect(found("z", "g")).toBeNull();
    expect(found("g", "g")).toBe("more");
  });

  it("is written as on a keyboard", () => {
    expect(capsOf("g t")).toEqual([["G"], ["T"]]);
    expect(capsOf("mod+k")).toEqual([["Ctrl", "K"]]);
    expect(capsOf("mod+k", true)).toEqual([["⌘", "K"]]);
    expect(capsOf("ArrowLeft")).toEqual([["←"]]);
  });
});

it.each([
  ["/people/somebody", "/people"],
  ["/boards/b1", "/boards"],
  ["/trends", "/trends"],
  ["/", "/"],
  ["/nowhere", "/"],
])("in another project %s is %s", (path, page) => {
  expect(pageAround(path)).toBe(page);
});

it("nobody but an owner is offered to make owners", () => {
  expect(rolesFor(true)).toContain("owner");
  expect(rolesFor(false)).not.toContain("owner");
  expect(rolesFor(false, "owner")).toContain("owner");
});
