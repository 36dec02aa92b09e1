/** Links that show a board or a saved insight to whoever has them, and what such a link shows. */

import { queryOptions, useQuery } from "@tanstack/react-query";
import { useSession } from "../session";
import { useChanging } from "./change";
import { createApi, got, Problem } from "./client";
import type { Schemas } from "./types";

export type Share = Schemas["ShownShare"];
export type NewShare = Schemas["NewShare"];
export type SharedView = Schemas["SharedView"];

export function useShares() {
  const { api, may } = useSession();
  return useQuery({
    queryKey: ["shares", api.project],
    queryFn: ({ signal }) => got(api.routes.GET("/api/shares", { signal })),
    enabled: may("edit"),
  });
}

export function useSharing() {
  const { api } = useSession();
  const touched = ["shares", api.project];
  return {
    create: useChanging((body: NewShare) => got(api.routes.POST("/api/shares", { body })), touched),
    revoke: useChanging(
      (share: string) => got(api.routes.DELETE("/api/shares/{share}", { params: { path: { share } } })),
      touched,
    ),
  };
}

/** The page for people; the API's own link answers programs with the same. */
export function pageOfLink(link: string): string {
  return link.replace("/api/shares/", "/shared/");
}

const AGAIN = 60_000;

/** Whether it is worth asking again: something was shown, and the link was not taken back since. */
function goesOn({ data, error }: { data: unknown; error: Error | null }): boolean {
  return data !== undefined && !isOver(error);
}

/** The link is none, not any more, or wants another password. */
export function isOver(error: Error | null): boolean {
  return error instanceof Problem && (error.status === 404 || error.status === 401);
}

/** What a link shows. Whoever looks may be signed in: that counts for nothing here, so no cookie goes along. */
export function sharedOptions(token: string, password: string | undefined) {
  const { routes } = createApi(undefined, (input, init) => fetch(input, { ...init, credentials: "omit" }));
  const params = { path: { share: token } };
  return queryOptions({
    queryKey: ["shared", token, password ?? null],
    queryFn: ({ signal }) =>
      got(
        password === undefined
          ? routes.GET("/api/shares/{share}", { params, signal })
          : routes.POST("/api/shares/{share}", { params, body: { password }, signal }),
      ),
    // A wrong password is not tried again by itself: the server counts.
    retry: false,
    staleTime: AGAIN,
    refetchInterval: (query) => goesOn(query.state) && AGAIN,
    refetchOnWindowFocus: (query) => goesOn(query.state),
    refetchOnReconnect: (query) => goesOn(query.state),
  });
}
