import { describe, expect, it, test } from "vitest";
import { insightViewOf, listOf, pageViewOf, pruned, viewOf, without } from "../../src/state/view";

describe("an address", () => {
  it("says which tile, names, place and event are meant", () => {
    const search = {
      tile: "events",
      events: ["purchase"],
      limit: 50,
      page: { cursor: "abc", of: "1x" },
      opened: "id-1",
      list: { pointer: { tile: "people" }, unit: "people", title: "People", of: "overview" },
    };
    expect(pageViewOf(search)).toEqual(search);
  });

  it.each([
    ["a limit that is not offered", { limit: 7 }],
    ["a place without a list", { page: { cursor: "abc" } }],
    ["filters that are none", { filters: "garbage" }],
    ["a list without a number", { list: { unit: "people" } }],
    ["no names", { events: [] }],
  ])("is read without %s", (_, search) => {
    expect(pageViewOf(search)).toEqual({});
  });

  it("takes one name for a list of one, and a number for its text", () => {
    expect(pageViewOf({ events: "purchase", search: 2026 })).toEqual({ events: ["purchase"], search: "2026" });
  });
});

describe("the address of a question", () => {
  test("says how its picture is looked at", () => {
    expect(insightViewOf({ look: { part: "$not_set", way: "matrix", more: 1 } })).toEqual({
      look: { part: "$not_set", way: "matrix" },
    });
    expect(insightViewOf({ look: "matrix" })).toEqual({});
  });

  test("says what every page shares", () => {
    const said = {
      project: 3,
      range: "7d",
      compare: "previous_year",
      interval: "week",
      filters: [{ property: "device", operator: "is", values: ["mobile"] }],
      bots: true,
    };
    expect(viewOf(said)).toEqual(said);
  });

  test.each([
    ["a project that is no number", { project: "three" }],
    ["a comparison that there is not", { compare: "next_year" }],
    ["an interval that there is not", { interval: "decade" }],
    ["filters that are none", { filters: [{ property: 1 }, "device", null] }],
    ["filters that are no list", { filters: { property: "device", operator: "is" } }],
    ["an alternative that is none", { filters: [{ any: [{ property: "device", operator: "is" }, 7] }] }],
    ["no bots", { bots: false }],
    ["an empty range", { range: "" }],
  ])("with %s says nothing of it", (_, search) => {
    expect(viewOf(search)).toEqual({});
  });

  test("keeps the filters that are some among others that are none", () => {
    const good = { property: "device", operator: "is", values: ["mobile"] };
    const alternatives = { any: [good, good] };
    expect(viewOf({ filters: [good, 7, alternatives] })).toEqual({ filters: [good, alternatives] });
  });

  test("a range that reads as a number is a text", () => {
    expect(viewOf({ range: 2026 })).toEqual({ range: "2026" });
  });

  test("of a question has its own part and the list that is open", () => {
    const list = { pointer: { step: 2 }, unit: "events", title: "Step 2" };
    expect(insightViewOf({ kind: "funnel", q: { steps: [] }, list, more: 1 })).toEqual({
      kind: "funnel",
      q: { steps: [] },
      list,
    });
  });

  test("a question that is no object is none", () => {
    expect(insightViewOf({ q: [1, 2], list: { pointer: "all" } })).toEqual({});
  });
});

test("a list is of people where nothing else is said, and its title is not endless", () => {
  expect(listOf({ pointer: {}, unit: "tables" })).toEqual({ pointer: {}, unit: "people", title: "" });
  expect(listOf({ pointer: {}, title: "x".repeat(999) })?.title).toHaveLength(300);
});

test("what is undefined is left out, what is null or false stays", () => {
  expect(pruned<object>({ a: undefined, b: null, c: false } as object)).toEqual({ b: null, c: false });
});

test("without a field, the others stay as they are", () => {
  const found: { a?: number; b: number } = { a: 1, b: 2 };
  expect(without(found, "a")).toEqual({ b: 2 });
  expect(found).toEqual({ a: 1, b: 2 });
});
