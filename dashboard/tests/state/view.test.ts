import { describe, expect, it } from "vitest";
import { pageViewOf } from "../../src/state/view";

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
