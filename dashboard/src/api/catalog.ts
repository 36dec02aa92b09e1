/** What pickers offer: events, properties and values, with how often they came of late. */

import { queryOptions, useQuery } from "@tanstack/react-query";
import { useSession } from "../session";
import { type Api, got } from "./client";

const FRESH = 60_000;

export function eventsOptions(api: Api) {
  return queryOptions({
    queryKey: ["catalog", api.project, "events"],
    queryFn: ({ signal }) => got(api.routes.GET("/api/catalog/events", { signal })),
    staleTime: FRESH,
  });
}

/** The events of the last 30 days, most frequent first; none while they are not known. */
export function useEvents() {
  const { api } = useSession();
  return useQuery(eventsOptions(api)).data?.events ?? [];
}

export function useProperties(event: string) {
  const { api } = useSession();
  const query = { event };
  const { data } = useQuery({
    queryKey: ["catalog", api.project, "properties", query],
    queryFn: ({ signal }) => got(api.routes.GET("/api/catalog/properties", { params: { query }, signal })),
    staleTime: FRESH,
  });
  return data?.properties ?? [];
}

export function useValues(event: string, property: string, prefix: string) {
  const { api } = useSession();
  const query = { property, prefix, event, limit: 30 };
  const { data } = useQuery({
    queryKey: ["catalog", api.project, "values", query] as const,
    queryFn: ({ signal }) => got(api.routes.GET("/api/catalog/values", { params: { query }, signal })),
    enabled: property !== "",
    staleTime: FRESH,
    retry: false,
    // While somebody types; what another property has is no answer.
    placeholderData: (before, asked) => (asked?.queryKey[3].property === property ? before : undefined),
  });
  return data?.values ?? [];
}
