/** How what comes stands with the plan: of all events together, of those that somebody chose, and of one's properties. */

import type { EventDrift, EventState, Finding, PlannedEvent, PropertySchema } from "../api/plan";
import { matching } from "../state/matching";

interface SpanRow {
  title: string;
  /** What other pages call as long a time. */
  range: string;
}

/** How far back one may look, as the server takes it. */
export const SPANS = {
  P1D: { title: "24 hours", range: "24h" },
  P7D: { title: "7 days", range: "7d" },
  P30D: { title: "30 days", range: "30d" },
} as const satisfies Record<string, SpanRow>;

export type Since = keyof typeof SPANS;
export const USUAL_SINCE: Since = "P7D";

export interface Summary {
  /** Events that should come, and how many of them did. */
  planned: number;
  came: number;
  unplanned: number;
  remarkable: number;
}

/** Drafts and what is gone are not waited for. */
const AWAITED: readonly EventState[] = ["seen", "stopped", "never_seen", "deprecated"];

export function summaryOf(events: readonly EventDrift[]): Summary {
  const planned = events.filter((one) => isPlanned(one) && AWAITED.includes(one.state));
  return {
    planned: planned.length,
    came: planned.filter((one) => one.count > 0).length,
    unplanned: events.filter((one) => one.state === "unplanned").length,
    remarkable: events.filter((one) => (one.findings ?? []).length > 0).length,
  };
}

/** What the SDK sends by itself comes without a plan, and is none the worse for it. */
export function isPlanned(event: EventDrift): boolean {
  return Boolean(event.version);
}

export interface Chosen {
  search: string;
  states: readonly string[];
  owner?: string | undefined;
  area?: string | undefined;
}

/** In the order that they came in, unless something is searched for. */
export function chosenOf(events: readonly EventDrift[], { search, states, owner, area }: Chosen): EventDrift[] {
  const rows = events.filter(
    (one) =>
      (states.length === 0 || states.includes(one.state)) &&
      (owner === undefined || one.owner === owner) &&
      (area === undefined || one.area === area),
  );
  return matching(rows, search, ({ event, owner: who = "", area: where = "" }) => `${event} ${who} ${where}`);
}

/** How often each is there, of what somebody may choose by; the names in their order. */
export function tally(names: readonly (string | undefined)[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const name of names) if (name) found.set(name, (found.get(name) ?? 0) + 1);
  return new Map([...found].sort(([one], [other]) => one.localeCompare(other)));
}

export interface PropertyRow {
  name: string;
  /** Null where it is not planned. */
  schema: PropertySchema | null;
  unit: string | undefined;
  required: boolean;
  pii: "none" | "possible" | "direct" | undefined;
  onPii: string | undefined;
  seen: { kind: string; events: number } | undefined;
  findings: Finding[];
}

interface Seen {
  property: string;
  kind: string;
  events: number;
}

const PREFIX = "properties.";

/** What is planned, and then what came besides. */
export function propertiesOf(
  planned: PlannedEvent | undefined,
  findings: readonly Finding[],
  observed: readonly Seen[],
): PropertyRow[] {
  const seen = new Map(
    observed.flatMap(({ property, kind, events }) =>
      property.startsWith(PREFIX) ? [[property.slice(PREFIX.length), { kind, events }] as const] : [],
    ),
  );
  const schemas = planned?.schema.properties ?? {};
  const others = new Set([...findings.map((one) => one.property), ...(planned ? [] : seen.keys())]);
  const names = [...Object.keys(schemas), ...[...others].filter((name) => !(name in schemas)).sort()];
  return names.map((name) => ({
    name,
    schema: schemas[name] ?? null,
    unit: planned?.units?.[name],
    required: planned?.schema.required?.includes(name) ?? false,
    // A bundle leaves out what is usual.
    pii: planned?.care?.[name] && (planned.care[name].pii ?? "none"),
    onPii: planned?.care?.[name]?.on_pii,
    seen: seen.get(name),
    findings: findings.filter((one) => one.property === name),
  }));
}
