/** People: the directory, everybody in it, and who counts as whom. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Api } from "./client";
import { got } from "./client";
import { pageOf } from "./events";
import type { Filter, Schemas } from "./types";

export type Listed = Schemas["Listed"];
export type Profile = Schemas["Profile"];
export type Visit = Schemas["Visit"];
export type Change = Schemas["Change"];
export type Side = Schemas["Side"];
export type Merged = Schemas["Merged"];
export type Proposal = Schemas["Proposal"];

export interface DirectoryQuestion {
  search: string;
  filters: readonly Filter[];
  bots: boolean;
  limit: number;
  cursor?: string | undefined;
}

const FRESH = 15_000;
const SESSIONS = 20;
const EVENTS = 50;

/** A page of people, who was seen last first. */
export function directoryOptions(api: Api, { search, filters, bots, limit, cursor }: DirectoryQuestion) {
  const query = {
    search,
    limit,
    ...(bots && { include_bots: true }),
    ...(filters.length > 0 && { filters: JSON.stringify(filters) }),
    ...(cursor !== undefined && { cursor }),
  };
  return queryOptions({
    queryKey: ["people", api.project, "list", query] as const,
    queryFn: ({ signal }) => got(api.routes.GET("/api/people", { params: { query }, signal })),
    placeholderData: keepPreviousData,
    staleTime: FRESH,
  });
}

/** All that is known of somebody, by a person's, a user's or an anonymous id. */
export function profileOptions(api: Api, person: string) {
  return queryOptions({
    queryKey: ["people", api.project, person, "profile"] as const,
    queryFn: ({ signal }) => got(api.routes.GET("/api/people/{person}", { params: { path: { person } }, signal })),
    staleTime: FRESH,
  });
}

/** Somebody's sessions, newest first, each with its events in order. */
export function visitsOptions(api: Api, person: string) {
  return infiniteQueryOptions({
    queryKey: ["people", api.project, person, "sessions"] as const,
    queryFn: ({ pageParam: cursor, signal }) => {
      const query = { limit: SESSIONS, ...(cursor !== null && { cursor }) };
      return got(api.routes.GET("/api/people/{person}/sessions", { params: { path: { person }, query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    staleTime: FRESH,
  });
}

/** Somebody's events, oldest first. */
export function streamOptions(api: Api, person: string) {
  return infiniteQueryOptions({
    queryKey: ["people", api.project, person, "events"] as const,
    queryFn: async ({ pageParam: cursor, signal }) => {
      const query = { limit: EVENTS, ...(cursor !== null && { cursor }) };
      return pageOf(
        await got(api.routes.GET("/api/people/{person}/events", { params: { path: { person }, query }, signal })),
      );
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    staleTime: FRESH,
  });
}

/** The merges in force. */
export function mergesOptions(api: Api) {
  return queryOptions({
    queryKey: ["people", api.project, "merges"] as const,
    queryFn: async ({ signal }) => (await got(api.routes.GET("/api/people/merges", { signal }))).merges,
    staleTime: FRESH,
  });
}

/** Users of whom an alias says that they are the same. */
export function proposalsOptions(api: Api) {
  return queryOptions({
    queryKey: ["people", api.project, "proposals"] as const,
    queryFn: async ({ signal }) => (await got(api.routes.GET("/api/people/proposals", { signal }))).proposals,
    staleTime: FRESH,
  });
}

/** Two users as one person, or such a merge taken back. */
export type Step = { does: "merge"; user_id: string; into: string } | { does: "unmerge"; user_id: string };

/** What a step changes; with `preview`, what it would. */
export function take(api: Api, step: Step, preview: boolean): Promise<Change> {
  const params = { query: { preview } };
  if (step.does === "unmerge") {
    return got(api.routes.POST("/api/people/unmerge", { params, body: { user_id: step.user_id } }));
  }
  return got(api.routes.POST("/api/people/merge", { params, body: { user_id: step.user_id, into: step.into } }));
}
