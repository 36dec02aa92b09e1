/** What the plan says, and what is found beside it, in words. */

import type { EventState, Finding, PropertySchema } from "../api/plan";
import { count, counted, percent } from "../state/words";

export const STATE_WORDS: Readonly<Record<EventState, string>> = {
  seen: "as planned",
  unplanned: "not planned",
  stopped: "stopped",
  never_seen: "never seen",
  deprecated: "should be gone",
  gone: "gone",
  draft: "draft",
};

export const STATE_MEANINGS: Readonly<Record<EventState, string>> = {
  seen: "It came in this time.",
  unplanned: "It came, and the plan does not know it.",
  stopped: "It came before, and not in this time.",
  never_seen: "It is planned, and never came.",
  deprecated: "It should be gone, and still came in this time.",
  gone: "It is deprecated, and did not come any more.",
  draft: "It is planned for later, and did not come yet.",
};

/** By sign: what is remarkable about a property. */
const FINDING_WORDS: Readonly<Record<Finding["sign"], (one: Finding) => string>> = {
  type_drift: ({ found, expected, share }) => `${found} in the place of ${expected}, in ${percent(share)}`,
  new_value: ({ found, share }) =>
    found ? `values that are not planned, in ${percent(share)}: ${found}` : `other values, in ${percent(share)}`,
  unplanned_property: ({ found, share }) => `not planned: ${found}, in ${percent(share)}`,
  never_seen: () => "planned, and never came",
  null_rate: ({ share, before }) => `missing in ${percent(share)}, ${percent(before ?? 0)} before`,
};

export function findingWords(one: Finding): string {
  return FINDING_WORDS[one.sign](one);
}

/** "integer, at least 1", "string, EUR or USD": the type of a property, and its limits. */
export function schemaWords(schema: PropertySchema, unit?: string): string {
  const types = [schema.type ?? "any type"].flat().join(" or ");
  return [
    unit ? `${types} (${unit})` : types,
    ...(schema.enum ? [schema.enum.map(String).join(" or ")] : []),
    ...(schema.const === undefined ? [] : [`always ${String(schema.const)}`]),
    ...between(schema.minimum, schema.maximum),
    ...(schema.exclusiveMinimum === undefined ? [] : [`more than ${count(schema.exclusiveMinimum)}`]),
    ...(schema.exclusiveMaximum === undefined ? [] : [`less than ${count(schema.exclusiveMaximum)}`]),
    ...between(schema.minLength, schema.maxLength, "character"),
    ...between(schema.minItems, schema.maxItems, "item"),
    ...(schema.pattern ? [`as ${schema.pattern}`] : []),
    ...(schema.format ? [schema.format] : []),
  ].join(", ");
}

function between(least: number | undefined, most: number | undefined, of?: string): string[] {
  const told = (value: number) => (of ? counted(value, of) : count(value));
  if (least !== undefined && most !== undefined) return [`${count(least)} to ${told(most)}`];
  if (least !== undefined) return [`at least ${told(least)}`];
  return most === undefined ? [] : [`at most ${told(most)}`];
}

/** How a replay ended. */
export function replayedWords({ replayed, remaining }: { replayed: number; remaining: number }): string {
  const stays = remaining === 0 ? "nothing remains" : `${count(remaining)} remaining, refused again`;
  return `${count(replayed)} replayed, ${stays}.`;
}
