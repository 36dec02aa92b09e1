/** From an address to a question, and from a question to its answer. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Api } from "../api/client";
import type { Insights, Interval, Kind } from "../api/types";
import type { Frame } from "../state/use-view";
import type { View } from "../state/view";
import type { InsightKind, Own } from "./kind";

/** The whole body of `POST /api/insights/{kind}`. */
export function questionOf<K extends Kind>(row: InsightKind<K>, own: Own<K>, view: View, frame: Frame) {
  const { filters = [], interval, ...rest } = row.asked?.(own) ?? own;
  const compare = view.compare === "none" ? undefined : view.compare;
  return {
    ...rest,
    from: frame.bounds.from,
    to: frame.bounds.to,
    filters: [...filters, ...(view.filters ?? [])],
    ...(view.bots && { include_bots: true }),
    ...(hasInterval(row, { interval }) && { interval: frame.interval }),
    ...(row.takes.compare && compare && { compare }),
  } as unknown as Insights[K]["request"];
}

/** Whether the buckets of the page count. */
export function hasInterval<K extends Kind>(row: InsightKind<K>, { interval }: { interval?: Interval | undefined }) {
  return row.takes.interval === "where asked" ? interval !== undefined : row.takes.interval;
}

/**
 * What an address says of a question; what a page opens with where it says nothing at all. Of a question that is there,
 * what it leaves out is the server's to decide, but for lists (series, steps), without which nothing can be asked.
 */
export function ownOf<K extends Kind>(found: Record<string, unknown> | undefined, opening: Own<K>): Own<K> {
  if (found === undefined) return opening;
  const usual = opening as Record<string, unknown>;
  const said = Object.entries(found).filter(
    ([name, value]) => usual[name] === undefined || shapeOf(usual[name]) === shapeOf(value),
  );
  const lists = Object.entries(usual).filter(([, value]) => Array.isArray(value));
  return Object.fromEntries([...lists, ...said]) as Own<K>;
}

function shapeOf(value: unknown): string {
  return Array.isArray(value) ? "list" : typeof value;
}

/** A number that goes on is asked again each minute. */
const AGAIN = 60_000;

export function answerOptions<K extends Kind>(api: Api, kind: K, question: Insights[K]["request"], running: boolean) {
  return queryOptions({
    queryKey: ["insight", api.project, kind, question] as const,
    queryFn: ({ signal }) => api.ask(kind, question, { signal }),
    placeholderData: keepPreviousData,
    staleTime: running ? AGAIN / 4 : 10 * AGAIN,
    refetchInterval: running ? AGAIN : false,
  });
}
