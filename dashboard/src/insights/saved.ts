/**
 * Between what is saved of a question and what an address says of it, both ways.
 *
 * A saved question is the body of `POST /api/insights/{kind}`. That has no ranges that move on ("the last 7 days"): one
 * with fixed dates is kept, one that moves is not, and a saved insight without dates is about whatever range is looked
 * at. Buckets are kept where somebody chose them.
 */

import type { Filter, Interval, Kind } from "../api/types";
import { plusDays } from "../state/range";
import { type InsightView, pruned, type View, viewOf } from "../state/view";

/**
 * Which of the page's controls are part of a kind's question. "where asked": buckets only where the question's own part
 * has an interval, which says that there are any; which ones, the page says.
 */
export interface Takes {
  interval: boolean | "where asked";
  compare: boolean;
}

export type Kept = Record<string, unknown>;

/** What is saved: the question's own part, and what the page's controls add to it. */
export function keptOf(takes: Takes, own: Kept, view: View): Kept {
  const { filters: ownFilters, ...rest } = own;
  const filters = [...((ownFilters as Filter[] | undefined) ?? []), ...(view.filters ?? [])];
  const compare = view.compare === "none" ? undefined : view.compare;
  return pruned<Kept>({
    ...rest,
    ...datesOf(view.range),
    filters: filters.length > 0 ? filters : undefined,
    include_bots: view.bots,
    ...intervalOf(takes, rest, view),
    ...(takes.compare && { compare }),
  });
}

function intervalOf(takes: Takes, own: Kept, view: View): Kept {
  if (takes.interval === "where asked")
    return own.interval === undefined ? {} : { interval: view.interval ?? own.interval };
  return takes.interval ? { interval: view.interval } : {};
}

/** The part of an address that a saved question stands for. What it does not say is undefined, and so taken out. */
export type Address = { [K in "range" | "interval" | "compare" | "filters" | "bots"]: View[K] | undefined } & {
  q: Kept;
};

export function addressOf(takes: Takes, question: Kept): Address {
  const { from, to, filters, include_bots, interval, compare, ...own } = question;
  const read = viewOf({ filters, bots: include_bots, interval, compare });
  return {
    q: {
      ...own,
      // What the page has no control for stays with the question.
      ...(takes.interval !== true && interval !== undefined && { interval }),
      ...(!takes.compare && compare !== undefined && { compare }),
    },
    range: rangeOf(from, to),
    interval: takes.interval ? (read.interval as Interval | undefined) : undefined,
    compare: takes.compare ? read.compare : undefined,
    filters: read.filters,
    bots: read.bots,
  };
}

/** The address of a saved insight that is opened; a range that moves stays what it is. */
export function openedAddress(
  takes: Takes,
  saved: { id: string; kind: Kind; question: Kept },
  view: View,
): Address & Pick<InsightView, "kind" | "saved"> {
  const address = addressOf(takes, saved.question);
  const range = address.range ?? (view.range !== undefined && isFixed(view.range) ? undefined : view.range);
  return { ...address, range, kind: saved.kind, saved: saved.id };
}

/** Whether the page asks something else than what is saved. */
export function isChanged(takes: Takes, saved: Kept, own: Kept, view: View): boolean {
  const { q, ...address } = addressOf(takes, saved);
  return ordered(keptOf(takes, q, pruned<View>(address))) !== ordered(keptOf(takes, own, view));
}

// ── dates ──────────────────────────────────────────────────────────────────────────────────────────────────────

const DAY = /^\d{4}-\d\d-\d\d$/;

/** Whether a range says its dates, and does not move on. */
export function isFixed(range: string): boolean {
  return range.includes("..");
}

/** What a question, or a board, says for a range with dates; nothing for one that moves. */
export function datesOf(range: string | undefined): { from?: string; to?: string } {
  if (range === undefined || !isFixed(range)) return {};
  const [from = "", to = ""] = range.split("..");
  if (to === "") return { from };
  // An address includes the last day, a question ends before the day after it.
  return { from, to: DAY.test(to) ? plusDays(to, 1) : to };
}

/** The range of an address that is the same; undefined where a question says none, or none that an address can say. */
export function rangeOf(from: unknown, to: unknown): string | undefined {
  const [start, end] = [momentOf(from), momentOf(to)];
  if (start === undefined) return undefined;
  if (end === undefined) return DAY.test(start) ? `${start}..` : undefined;
  if (DAY.test(start) !== DAY.test(end)) return undefined;
  return `${start}..${DAY.test(end) ? plusDays(end, -1) : end}`;
}

/** Below it, a number is seconds, as everywhere in the API. */
const SECONDS_BELOW = 100_000_000_000;

function momentOf(found: unknown): string | undefined {
  if (typeof found === "string" && found !== "") return found;
  if (typeof found !== "number") return undefined;
  return new Date(Math.abs(found) < SECONDS_BELOW ? found * 1000 : found).toISOString();
}

/** The same text for the same, whatever the order of its keys. */
function ordered(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === "object" && one !== null && !Array.isArray(one)
      ? Object.fromEntries(
          Object.entries(one)
            .filter(([, inner]) => inner !== null && inner !== undefined)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : one,
  );
}
