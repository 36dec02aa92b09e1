import { describe, expect, test } from "vitest";
import { type EventDrift, likeOf, pushBody } from "../../src/api/plan";
import { commands } from "../../src/plan/no-plan";
import { chosenOf, propertiesOf, summaryOf, tally } from "../../src/plan/standing";

function event(name: string, more: Partial<EventDrift> = {}): EventDrift {
  return { event: name, state: "seen", version: "1.0.0", count: 1, sampled: 1, ...more };
}

const EVENTS = [
  event("add_to_cart", {
    owner: "shop-team",
    area: "cart",
    findings: [{ sign: "never_seen", property: "x", share: 1 }],
  }),
  event("search", { owner: "search-team", area: "catalogue" }),
  event("refund", { state: "draft", count: 0 }),
  event("purchase", { state: "never_seen", count: 0, owner: "shop-team", area: "checkout" }),
  event("old_purchase", { state: "gone", count: 0 }),
  event("serch", { state: "unplanned", version: "" }),
  event("page_view", { version: "" }),
];
const names = (rows: readonly EventDrift[]) => rows.map((one) => one.event);

describe("all events together", () => {
  test("drafts, what is gone and what needs no plan are not waited for", () => {
    expect(summaryOf(EVENTS)).toEqual({ planned: 3, came: 2, unplanned: 1, remarkable: 1 });
  });

  test("what somebody may choose by is counted, in the order of its names", () => {
    expect([...tally(EVENTS.map((one) => one.owner))]).toEqual([
      ["search-team", 1],
      ["shop-team", 2],
    ]);
  });
});

describe("what is listed", () => {
  const nothing = { search: "", states: [] };
  test("is everything, in its order, until something is chosen", () => {
    expect(chosenOf(EVENTS, nothing)).toEqual(EVENTS);
  });

  test("is of one of the states, and of the owner and the area", () => {
    expect(names(chosenOf(EVENTS, { ...nothing, states: ["draft", "gone"] }))).toEqual(["refund", "old_purchase"]);
    expect(names(chosenOf(EVENTS, { ...nothing, owner: "shop-team" }))).toEqual(["add_to_cart", "purchase"]);
    expect(names(chosenOf(EVENTS, { ...nothing, owner: "shop-team", area: "cart" }))).toEqual(["add_to_cart"]);
  });

  test("is searched by name, owner and area", () => {
    expect(names(chosenOf(EVENTS, { ...nothing, search: "purchase" }))).toEqual(["purchase", "old_purchase"]);
    expect(names(chosenOf(EVENTS, { ...nothing, search: "catal" }))).toEqual(["search"]);
  });
});

describe("the properties of an event", () => {
  const planned = {
    name: "add_to_cart",
    version: "1.0.0",
    schema: { properties: { price: { type: "number" }, email: { type: "string" } }, required: ["price"] },
    care: { email: { pii: "direct" as const, on_pii: "hash" }, price: {} },
    units: { price: "EUR" },
  };
  const observed = [
    { property: "properties.price", kind: "number", events: 7 },
    { property: "properties.gift", kind: "boolean", events: 2 },
    { property: "page", kind: "text", events: 9 },
  ];

  test("are those of the plan, and then those that it does not know", () => {
    const finding = { sign: "unplanned_property", property: "gift", found: "boolean", share: 0.2 } as const;
    const rows = propertiesOf(planned, [finding], observed);
    expect(rows.map((row) => [row.name, row.required, row.pii, row.unit, row.seen?.events])).toEqual([
      ["price", true, "none", "EUR", 7],
      ["email", false, "direct", undefined, undefined],
      ["gift", false, undefined, undefined, 2],
    ]);
    expect(rows.at(-1)).toMatchObject({ schema: null, findings: [finding] });
  });

  test("are those that came, where nothing is planned", () => {
    expect(propertiesOf(undefined, [], observed).map((row) => row.name)).toEqual(["gift", "price"]);
  });
});

describe("what is sent", () => {
  test("a bundle goes as it is, files go by their names", () => {
    expect(pushBody([{ name: "plan.json", text: ' {"format": 1}' }])).toBe(' {"format": 1}');
    expect(JSON.parse(pushBody([{ name: "cart.yaml", text: "plan: 1" }]))).toEqual({
      files: { "cart.yaml": "plan: 1" },
    });
  });

  test("entries without a name or a version are only these", () => {
    const group = { event: null, reason: "invalid_field", path: "$.event", app_version: null };
    const rest = { entries: 1, first: "", last: "", detail: "" };
    expect(likeOf({ ...group, ...rest })).toEqual({
      event: "",
      reason: "invalid_field",
      path: "$.event",
      app_version: "",
    });
  });
});

test("commands name the server, and the project where it is not the first", () => {
  expect(commands("https://stats.example", 1)).toContain("export FOOTFALL_URL=https://stats.example\n");
  expect(commands("https://stats.example", 1)).not.toContain("--project");
  expect(commands("https://stats.example", 3)).toContain("footfall plan push --project 3");
});
