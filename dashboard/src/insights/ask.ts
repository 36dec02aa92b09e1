/** From an address to a question, and from a question to its answer. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Api } from "../api/client";
import type { Insights, Kind } from "../api/types";
import type { Frame } from "../state/use-view";
import type { View } from "../state/view";
import type { InsightKind, Own } from "./kind";

/** The whole body of `POST /api/insights/{kind}`. */
export function questionOf<K extends Kind>(row: InsightKind<K>, own: Own<K>, view: View, frame: Frame) {
  const { filters = [], ...rest } = own as Own<K> & { filters?: unknown[] };
  const compare = view.compare === "none" ? undefined : view.compare;
  return {
    ...rest,
    from: frame.bounds.from,
    to: frame.bounds.to,
    filters: [...filters, ...(view.filters ?? [])],
    ...(view.bots && { include_bots: true }),
    ...(row.takes.interval && { interval: frame.interval }),
    ...(row.takes.compare && compare && { compare }),
  } as unknown as Insights[K]["request"];
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
