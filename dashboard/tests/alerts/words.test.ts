import { expect, test } from "vitest";
import { ruleOf } from "../../src/alerts/from-question";
import { daysOf, scaleOf, stepOf, thresholdOf, verdict } from "../../src/alerts/preview";
import {
  byUrgency,
  cleaned,
  draftOf,
  isSnoozed,
  isWhole,
  NEW_RULE,
  ruleWords,
  spanWords,
} from "../../src/alerts/words";
import type { Rule, ShownRule } from "../../src/api/alerts";

const standing = { state: null, value: null, reason: null, evaluatedUntil: null, groups: [], version: 1 };

test.each<[Rule, string]>([
  [{ type: "volume_below", event: "purchase", threshold: 10 }, "fewer than 10 purchase in 1 hour"],
  [{ type: "volume_above", event: "*", threshold: 5000, windowMinutes: 5 }, "more than 5,000 events in 5 minutes"],
  [
    { type: "volume_below", event: "a", threshold: 3, measure: "unique_users", windowMinutes: 1440 },
    "fewer than 3 people with a in 1 day",
  ],
  [
    { type: "rate_below", numeratorEvent: "purchase", denominatorEvent: "add_to_cart", threshold: 2 },
    "purchase of add_to_cart below 2 % in 1 hour",
  ],
  [{ type: "anomaly", event: "a" }, "an unusual number of a in 1 hour"],
  [{ type: "absence", event: "a", windowMinutes: 15 }, "no a for 3 times the usual gap in 15 minutes"],
  [{ type: "change_percent", event: "a", percent: -50 }, "a -50 % against the window before in 1 hour"],
  [
    { type: "funnel_conversion", steps: [{ event: "a" }, { event: "b" }], threshold: 30, windowMinutes: 10080 },
    "conversion a → b below 30 % in 1 week",
  ],
])("a rule is said in words: %j", (rule, words) => {
  expect(ruleWords(rule).replaceAll("−", "-")).toBe(words);
});

test("minutes are said in the largest unit that they are a whole number of", () => {
  expect([1, 5, 60, 90, 180, 1440, 2880, 10080].map(spanWords)).toEqual([
    "1 minute",
    "5 minutes",
    "1 hour",
    "90 minutes",
    "3 hours",
    "1 day",
    "2 days",
    "1 week",
  ]);
});

test("a rule is sent with what its type has, and nothing else", () => {
  const draft: Rule = {
    ...NEW_RULE,
    type: "rate_below",
    event: "left over",
    threshold: 2,
    numeratorEvent: "a",
    denominatorEvent: "b",
    steps: [{ event: "left over" }],
    owner: null,
    name: "",
  };
  expect(cleaned(draft)).toEqual({
    type: "rate_below",
    windowMinutes: 60,
    cooldownMinutes: 60,
    severity: "warning",
    enabled: true,
    threshold: 2,
    numeratorEvent: "a",
    denominatorEvent: "b",
  });
  expect(cleaned({ ...NEW_RULE, threshold: 1, measure: "unique_users", groupBy: "page" })).not.toHaveProperty(
    "groupBy",
  );
});

test.each<[Rule, boolean]>([
  [NEW_RULE, false],
  [{ ...NEW_RULE, threshold: 0 }, true],
  [{ type: "anomaly" }, true],
  [{ type: "absence" }, true],
  [{ type: "change_percent" }, false],
  [{ type: "change_percent", percent: -5 }, true],
  [{ type: "rate_above", threshold: 1, numeratorEvent: "a" }, false],
  [{ type: "funnel_conversion", threshold: 1, steps: [{ event: "a" }, { event: "" }] }, false],
  [{ type: "funnel_conversion", threshold: 1, steps: [{ event: "a" }, { event: "b" }] }, true],
])("%j is whole: %s", (rule, whole) => {
  expect(isWhole(rule)).toBe(whole);
});

test("an address that says no rule opens a new one", () => {
  expect(draftOf(undefined)).toEqual(NEW_RULE);
  expect(draftOf({ type: "nonsense", event: "a" })).toEqual(NEW_RULE);
  expect(draftOf({ type: "anomaly", event: "a" })).toMatchObject({ type: "anomaly", event: "a", windowMinutes: 60 });
});

test("what fires stands first, and what is off last", () => {
  const rules: ShownRule[] = [
    { ...standing, type: "anomaly", id: "off", enabled: false, state: "firing" },
    { ...standing, type: "anomaly", id: "fine", state: "ok" },
    { ...standing, type: "anomaly", id: "new" },
    { ...standing, type: "anomaly", id: "broken", state: "firing" },
  ];
  expect(byUrgency(rules).map(({ id }) => id)).toEqual(["broken", "fine", "new", "off"]);
});

test("a snooze ends", () => {
  expect(isSnoozed({ type: "anomaly", snoozedUntil: 5 }, 4)).toBe(true);
  expect(isSnoozed({ type: "anomaly", snoozedUntil: 5 }, 5)).toBe(false);
});

test("a verdict is a sentence", () => {
  expect(verdict(0, 0, 30)).toBe("Would not have fired in 30 days.");
  expect(verdict(1, 2, 30)).toBe("Would have fired once in 30 days, with 2 notices.");
  expect(verdict(3, 1, 1)).toBe("Would have fired 3 times in 1 day, with 1 notice.");
});

test("short windows are looked at for fewer days", () => {
  expect([1, 5, 60, 1440].map(daysOf)).toEqual([1, 7, 30, 30]);
});

test("a slider goes to a round number above what is drawn, in steps that one can hit", () => {
  expect([scaleOf(1, null), scaleOf(9, 3), scaleOf(40, 300), scaleOf(4600, 1)]).toEqual([2, 10, 500, 10_000]);
  expect([2, 100, 500, 10_000].map(stepOf)).toEqual([0.1, 1, 1, 100]);
});

test("only numbers in the unit of the picture are drawn on it", () => {
  expect(thresholdOf({ type: "volume_below", threshold: 3 })).toBe(3);
  expect(thresholdOf({ type: "absence", threshold: 3 })).toBe(null);
  expect(thresholdOf({ type: "anomaly", threshold: 3 })).toBe(null);
});

test("a question suggests a rule", () => {
  const filters = [{ property: "page", operator: "is", values: ["/"] }] as never[];
  expect(ruleOf("trend", { series: [{ event: "a" }] }, filters, "hour")).toMatchObject({
    type: "anomaly",
    event: "a",
    windowMinutes: 60,
    filters,
  });
  const people = { series: [{ event: "a", measure: "unique_users" }] };
  expect(ruleOf("trend", people, [], "minute")).toMatchObject({ measure: "unique_users", windowMinutes: 60 });
  const steps = [{ event: "a" }, { event: "b" }];
  expect(ruleOf("funnel", { steps, window: "PT30M" }, [], "day")).toMatchObject({
    type: "funnel_conversion",
    funnelWindow: "PT30M",
    windowMinutes: 1440,
  });
  expect(ruleOf("funnel", { steps: [{ event: "a" }, { any: steps }] }, [], "day")).toBe(null);
  expect(ruleOf("paths", {}, [], "day")).toBe(null);
});
