/** Events one by one, as they were sent. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Api } from "./client";
import { got } from "./client";
import type { Event, FileFormat, Filter } from "./types";

export interface EventChoice {
  /** Any of these names; none means every event. */
  events: readonly string[];
  filters: readonly Filter[];
}

export interface EventQuestion extends EventChoice {
  from: string;
  to: string;
  limit: number;
  cursor?: string | undefined;
}

export interface EventPage {
  data: Event[];
  next: string | null;
}

const FRESH = 10_000;

/** A page of events, newest first, bots included unless a filter says otherwise. */
export function eventPageOptions(api: Api, { from, to, limit, cursor, ...choice }: EventQuestion) {
  const query = { from, to, limit, ...(cursor !== undefined && { cursor }), ...choiceOf(choice) };
  return queryOptions({
    queryKey: ["events", api.project, query] as const,
    queryFn: async ({ signal }) => pageOf(await got(api.routes.GET("/api/events", { params: { query }, signal }))),
    placeholderData: keepPreviousData,
    staleTime: FRESH,
  });
}

/** The latest events of all time. */
export function latestOptions(api: Api, choice: EventChoice, limit: number) {
  const query = { limit, ...choiceOf(choice) };
  return queryOptions({
    queryKey: ["events", api.project, query] as const,
    queryFn: async ({ signal }) => pageOf(await got(api.routes.GET("/api/events", { params: { query }, signal }))),
    staleTime: 0,
  });
}

/** One event by its id; null where there is none. */
export function eventOptions(api: Api, id: string) {
  const filters = JSON.stringify([{ property: "event_id", operator: "is", values: [id] }] satisfies Filter[]);
  const query = { filters, limit: 1 };
  return queryOptions({
    queryKey: ["events", api.project, "one", id] as const,
    queryFn: async ({ signal }) => {
      const found = pageOf(await got(api.routes.GET("/api/events", { params: { query }, signal })));
      return found.data[0] ?? null;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export const ARCHIVE_FORMATS = ["csv", "jsonl", "parquet"] as const;

/** Where all events of a range are as a file, whatever else is filtered by. */
export function archiveAddress(
  api: Api,
  format: (typeof ARCHIVE_FORMATS)[number],
  { events, from, to }: Pick<EventQuestion, "events" | "from" | "to">,
): string {
  return api.address(`/api/events/export.${format}`, { event: events, from, to });
}

/** The events that fit, as a file. Of all names, those that begin with $ are left out. */
export function eventsFile(api: Api, format: FileFormat, asked: EventQuestion): Promise<Blob> {
  const [only, ...more] = asked.events;
  const named: Filter[] = more.length > 0 ? [{ property: "event", operator: "is", values: [...asked.events] }] : [];
  const question = {
    from: asked.from,
    to: asked.to,
    series: [{ event: more.length > 0 ? "*" : (only ?? "*"), measure: "count" as const, filters: [] }],
    filters: [...asked.filters, ...named],
    // Bots are in or out by a filter, as in the list.
    include_bots: true,
    pointer: { series: 0 },
  };
  return api.file("trend", format, question, "events");
}

/** As parameters of an address. */
export function choiceOf({ events, filters }: EventChoice): { event?: string[]; filters?: string } {
  return {
    ...(events.length > 0 && { event: [...events] }),
    ...(filters.length > 0 && { filters: JSON.stringify(filters) }),
  };
}

/** Events are open records in the API's document, and closed ones here. */
export function pageOf(found: { data: Record<string, unknown>[]; next: string | null }): EventPage {
  return found as EventPage;
}

const NO_BOTS: Filter = { property: "bot", operator: "is", values: ["false"] };

/** What is filtered by where bots are in, unless they are left out. */
export function withBots(filters: readonly Filter[], bots: boolean): Filter[] {
  return bots ? [...filters] : [...filters, NO_BOTS];
}
