/** Saved insights. */

import { queryOptions, useQuery } from "@tanstack/react-query";
import { useSession } from "../session";
import { useChanging } from "./change";
import { type Api, got } from "./client";
import type { Kind, Schemas } from "./types";

export type Saved = Omit<Schemas["ShownSaved"], "kind"> & { kind: Kind };
export type NewSaved = Schemas["NewSaved"];
export type ChangedSaved = Schemas["ChangedSaved"] & { id: string };

const FRESH = 30_000;

const keyOf = (api: Api) => ["saved", api.project] as const;

export function savedOptions(api: Api) {
  return queryOptions({
    queryKey: keyOf(api),
    queryFn: ({ signal }) => got(api.routes.GET("/api/saved", { signal })) as Promise<Saved[]>,
    staleTime: FRESH,
  });
}

/** All of the project, by name; asked for by whoever may see them. */
export function useSavedInsights() {
  const { api, may } = useSession();
  return useQuery({ ...savedOptions(api), enabled: may("view") });
}

export function useSaving() {
  const { api } = useSession();
  const touched = [keyOf(api), ["boards", api.project]];
  return {
    create: useChanging((body: NewSaved) => got(api.routes.POST("/api/saved", { body })) as Promise<Saved>, ...touched),
    replace: useChanging(
      ({ id, ...body }: ChangedSaved) =>
        got(api.routes.PUT("/api/saved/{saved_id}", { params: { path: { saved_id: id } }, body })) as Promise<Saved>,
      ...touched,
    ),
    remove: useChanging(
      (id: string) => got(api.routes.DELETE("/api/saved/{saved_id}", { params: { path: { saved_id: id } } })),
      ...touched,
    ),
  };
}
