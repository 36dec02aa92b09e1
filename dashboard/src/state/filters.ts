/** Filters as one says them: every operator, how it reads, and how many values it takes. */

import type { Filter } from "../api/types";

export type Operator = NonNullable<Filter["operator"]>;

export interface OperatorRow {
  text: string;
  least: 0 | 1 | 2;
  most: number;
  numbers?: boolean;
}

export const MANY = 1000;

/** Every operator, how it reads, and how many values it takes. */
export const OPERATORS: Record<Operator, OperatorRow> = {
  is: { text: "is", least: 1, most: MANY },
  is_not: { text: "is not", least: 1, most: MANY },
  contains: { text: "contains", least: 1, most: MANY },
  not_contains: { text: "does not contain", least: 1, most: MANY },
  starts_with: { text: "starts with", least: 1, most: MANY },
  matches: { text: "matches", least: 1, most: MANY },
  gt: { text: ">", least: 1, most: 1, numbers: true },
  gte: { text: "≥", least: 1, most: 1, numbers: true },
  lt: { text: "<", least: 1, most: 1, numbers: true },
  lte: { text: "≤", least: 1, most: 1, numbers: true },
  between: { text: "between", least: 2, most: 2, numbers: true },
  is_set: { text: "is set", least: 0, most: 0 },
  is_not_set: { text: "is not set", least: 0, most: 0 },
};

/** A filter as one says it. */
export function filterWords(filter: Filter): string {
  if (filter.any) return filter.any.map(filterWords).join(" or ");
  const row = OPERATORS[filter.operator ?? "is"];
  return [filter.property, row.text, (filter.values ?? []).join(", ")].filter(Boolean).join(" ");
}
