import { expect, test } from "vitest";
import type { Finding, PropertySchema } from "../../src/api/plan";
import { findingWords, replayedWords, schemaWords } from "../../src/plan/words";

test.each<[PropertySchema, string]>([
  [{ type: "integer", minimum: 1, maximum: 1000 }, "integer, 1 to 1,000"],
  [{ type: "number", minimum: 0 }, "number, at least 0"],
  [{ type: ["string", "null"], maxLength: 64 }, "string or null, at most 64 characters"],
  [{ type: "string", enum: ["EUR", "USD"] }, "string, EUR or USD"],
  [{ type: "string", pattern: "^[A-Z]{3}$" }, "string, as ^[A-Z]{3}$"],
  [{ type: "string", format: "email", const: "x" }, "string, always x, email"],
  [{ type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 }, "number, more than 0, less than 1"],
  [{ type: "array", minItems: 1 }, "array, at least 1 item"],
  [{}, "any type"],
])("%j is %s", (schema, words) => {
  expect(schemaWords(schema)).toBe(words);
});

test("a unit stands beside the type", () => {
  expect(schemaWords({ type: "number" }, "EUR")).toBe("number (EUR)");
});

test.each<[Finding, string]>([
  [
    { sign: "type_drift", property: "x", expected: "integer", found: "string", share: 0.5 },
    "string in the place of integer, in 50%",
  ],
  [{ sign: "new_value", property: "x", found: "green", share: 0.03 }, "values that are not planned, in 3%: green"],
  [{ sign: "new_value", property: "x", share: 0.03 }, "other values, in 3%"],
  [{ sign: "unplanned_property", property: "x", found: "string", share: 1 }, "not planned: string, in 100%"],
  [{ sign: "never_seen", property: "x", share: 1 }, "planned, and never came"],
  [{ sign: "null_rate", property: "x", share: 0.4, before: 0.05 }, "missing in 40%, 5% before"],
])("a finding is said in words: %j", (finding, words) => {
  expect(findingWords(finding)).toBe(words);
});

test("a replay says what is counted now, and what stays", () => {
  expect(replayedWords({ replayed: 2, remaining: 0 })).toBe("2 replayed, nothing remains.");
  expect(replayedWords({ replayed: 1, remaining: 1200 })).toBe("1 replayed, 1,200 remaining, refused again.");
});
