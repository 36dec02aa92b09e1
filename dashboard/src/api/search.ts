/** People whose id or trait has a text in it, for the palette. */

import { queryOptions } from "@tanstack/react-query";
import { type Api, got } from "./client";

export function peopleSearchOptions(api: Api, search: string) {
  return queryOptions({
    queryKey: ["people", api.project, "search", search],
    queryFn: ({ signal }) => got(api.routes.GET("/api/people", { params: { query: { search, limit: 6 } }, signal })),
    staleTime: 60_000,
    placeholderData: (before) => before,
  });
}
