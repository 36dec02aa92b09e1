/** Statements of one's own. */

import { queryOptions } from "@tanstack/react-query";
import { type Api, got } from "./client";
import type { Schemas } from "./types";

export type Result = Schemas["statement_Answer"];

/** What a statement answers; asked once, and again when somebody runs it again. */
export function sqlOptions(api: Api, query: string) {
  return queryOptions({
    queryKey: ["sql", api.project, query],
    queryFn: ({ signal }) => got(api.routes.POST("/api/sql", { body: { query }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    retry: false,
  });
}
