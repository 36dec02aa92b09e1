/** The rule that a question suggests: its event, or its steps, with the filters and the interval that it has. */

import type { Rule } from "../api/alerts";
import type { Filter, Interval, Kind } from "../api/types";
import { countsPeople, WINDOWS_OF_PEOPLE } from "./words";

const MINUTES: Partial<Record<Interval, number>> = {
  minute: 1,
  hour: 60,
  day: 24 * 60,
  week: 7 * 24 * 60,
};

/** What a rule counts. */
const MEASURES = ["count", "unique_users", "unique_sessions"];

interface Asked {
  series?: readonly { event?: string; measure?: string; filters?: readonly Filter[] }[];
  steps?: readonly { event?: string | null; filters?: readonly Filter[] }[];
  window?: string;
  order?: string;
  exclusions?: readonly unknown[];
}

/** Null where no rule is of such a question. */
export function ruleOf(kind: Kind, asked: object, filters: readonly Filter[], interval: Interval): Rule | null {
  const { series = [], steps = [], window, order = "ordered", exclusions = [] } = asked as Asked;
  const windowMinutes = MINUTES[interval] ?? 24 * 60;
  if (kind === "trend") {
    const [first] = series;
    if (!first?.event) return null;
    const { measure = "count" } = first;
    if (!MEASURES.includes(measure)) return null;
    const rule = {
      type: "anomaly",
      event: first.event,
      measure,
      windowMinutes,
      filters: [...filters, ...(first.filters ?? [])],
    } as Rule;
    return countsPeople(rule) && !WINDOWS_OF_PEOPLE.includes(windowMinutes) ? { ...rule, windowMinutes: 60 } : rule;
  }
  if (kind === "funnel") {
    const named = steps.filter((step) => step.event);
    if (named.length < 2 || named.length < steps.length) return null;
    if (order !== "ordered" || exclusions.length > 0) return null;
    return {
      type: "funnel_conversion",
      windowMinutes: WINDOWS_OF_PEOPLE.includes(windowMinutes) ? windowMinutes : 24 * 60,
      steps: named.map(({ event, filters: own = [] }) => ({ event: event ?? "", filters: [...own] })),
      filters: [...filters],
      ...(window !== undefined && { funnelWindow: window }),
    } as Rule;
  }
  return null;
}
