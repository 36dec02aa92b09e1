import { describe, expect, it } from "vitest";
import { goalOf, LISTS, questionsOf } from "../../src/overview/questions";
import { frameOf } from "../../src/state/use-view";

const frame = frameOf("7d", undefined, "UTC", Date.parse("2026-03-10T12:00:00Z"));

describe("the goal", () => {
  it.each([
    ["what is bought", ["page_view", "sign_up", "purchase"], "purchase"],
    ["whoever signs up, where nothing is bought", ["page_view", "signed_up"], "signed_up"],
    ["the name as it is sent", ["page_view", "Order Completed"], "Order Completed"],
  ])("is %s", (_, events, goal) => {
    expect(goalOf(events)).toBe(goal);
  });

  it.each([
    ["pages are not seen", ["purchase"]],
    ["nothing looks like one", ["page_view", "scroll"]],
    ["nothing is known", []],
  ])("is none where %s", (_, events) => {
    expect(goalOf(events)).toBeNull();
  });
});

describe("the first screen", () => {
  it("is compared with the period before, unless the address says otherwise", () => {
    expect(questionsOf({}, frame, []).overview.compare).toBe("previous_period");
    expect(questionsOf({ compare: "none" }, frame, []).overview.compare).toBeNull();
    expect(questionsOf({ compare: "previous_year" }, frame, []).errors.compare).toBe("previous_year");
  });

  it("asks every question with the same range and filters", () => {
    const filters = [{ property: "device", operator: "is" as const, values: ["mobile"] }];
    const { conversion, ...rest } = questionsOf({ filters, bots: true }, frame, ["page_view", "purchase"]);
    for (const question of [conversion, ...Object.values(rest)]) {
      expect(question).toMatchObject({ from: "2026-03-04", to: "2026-03-11", filters, include_bots: true });
    }
  });

  it("has a funnel only where there is a goal", () => {
    expect(questionsOf({}, frame, ["page_view"]).conversion).toBeNull();
    expect(questionsOf({}, frame, ["page_view", "purchase"]).conversion?.steps).toEqual([
      { event: "page_view" },
      { event: "purchase" },
    ]);
  });
});

describe("the filter of a referrer", () => {
  const { values } = LISTS.referrers.filter("a.example");
  const pattern = new RegExp(String(values?.[0]));

  it.each([
    "https://a.example/",
    "http://a.example",
    "https://a.example:8080/x",
    "https://a.example?x",
    "app://a.example/",
  ])("has %s", (address) => expect(address).toMatch(pattern));

  it.each([
    "https://a.example.org/",
    "https://b.a.example/",
    "https://axexample/",
    "https://b.example/?to=https://a.example/",
  ])("has not %s, which the list counts elsewhere", (address) => expect(address).not.toMatch(pattern));
});
