/** The tracking plan: its versions, how what comes stands with it, what it has against events, and what waits apart. */

import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useSession } from "../session";
import { useChanging } from "./change";
import { type Api, got } from "./client";
import type { Schemas } from "./types";

export type EventDrift = Schemas["EventDrift"];
export type EventState = EventDrift["state"];
export type Finding = Schemas["plan_drift_Finding"];
export type Violated = Schemas["Violated"];
export type Version = Schemas["ShownVersion"];
export type Pushed = Schemas["Pushed"];
export type Group = Schemas["plan_ShownGroup"];
export type Entry = Schemas["QuarantinedEvent"];
export type Like = Schemas["WhichRefused"];

/** JSON Schema of a property, as far as it is put into words here. */
export interface PropertySchema {
  type?: string | string[];
  description?: string;
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  format?: string;
}

/** An event of a bundle; what a bundle does not say is not there (`footfall plan bundle`). */
export interface PlannedEvent {
  name: string;
  version: string;
  schema: { properties?: Record<string, PropertySchema>; required?: string[] };
  fields?: string[];
  care?: Record<string, { pii?: "none" | "possible" | "direct"; on_pii?: string }>;
  units?: Record<string, string>;
  description?: string;
  kind?: string;
  trigger?: string;
  sources?: string[];
  status?: "draft" | "active" | "deprecated";
  replaced_by?: string;
  sunset?: string;
  aliases?: string[];
  additional?: string;
  on_violation?: string;
}

export interface Bundle {
  events: Record<string, PlannedEvent>;
  environments: Record<string, unknown>;
}

export type Plan = Omit<Schemas["ShownPlan"], "bundle"> & { bundle: Bundle };

/** How much of it stands for all of it, until somebody wants the rest. */
const FIRST = 100;
const MOST = 1000;
const PAGE = 50;

// ── what is planned, and what comes ────────────────────────────────────────────────────────────────────────────

export function useDrift(since: string) {
  const { api } = useSession();
  return useQuery({
    queryKey: ["plan", api.project, "drift", since],
    queryFn: ({ signal }) => got(api.routes.GET("/api/plan/drift", { params: { query: { since } }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** A version of the plan; those never change. Nothing is asked where there is none. */
export function usePlan(number: number | null | undefined) {
  const { api } = useSession();
  return useQuery({
    queryKey: ["plan", api.project, "version", number],
    queryFn: ({ signal }) => readPlan(api, number ?? 0, signal),
    enabled: Boolean(number),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export async function readPlan(api: Api, version: number, signal?: AbortSignal): Promise<Plan> {
  const asked = { params: { query: { version } }, ...(signal && { signal }) };
  // The document says of a bundle that it is an object; what is in it, the types above say.
  return (await got(api.routes.GET("/api/plan", asked))) as unknown as Plan;
}

export function useVersions() {
  const { api } = useSession();
  return useQuery({
    queryKey: ["plan", api.project, "versions"],
    queryFn: ({ signal }) => got(api.routes.GET("/api/plan/versions", { signal })),
  });
}

/** What the properties of an event were, by kind. */
export function useObserved(event: string, since: string) {
  const { api } = useSession();
  const query = { event, since };
  return useQuery({
    queryKey: ["plan", api.project, "observed", query],
    queryFn: ({ signal }) => got(api.routes.GET("/api/catalog/properties", { params: { query }, signal })),
  });
}

/** What the plan had against stored events, most frequent first; `all` is all that are told at once. */
export function useViolations(since: string, event?: string, all = false) {
  const { api } = useSession();
  const query = { since, limit: all ? MOST : FIRST, ...(event !== undefined && { event }) };
  return useQuery({
    queryKey: ["plan", api.project, "violations", query],
    queryFn: ({ signal }) => got(api.routes.GET("/api/plan/violations", { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** YAML of what came and is not planned: of one event, or of all of them. */
export function useDraft(event?: string) {
  const { api } = useSession();
  const query = event === undefined ? {} : { event: [event] };
  return useQuery({
    queryKey: ["plan", api.project, "draft", event],
    queryFn: ({ signal }) =>
      got(api.routes.GET("/api/plan/draft", { params: { query }, parseAs: "text", signal })) as Promise<string>,
  });
}

export interface PlanFile {
  name: string;
  text: string;
}

/** What is sent: files by their names, or a bundle as it is. */
export function pushBody(files: readonly PlanFile[]): string {
  const [only, ...others] = files;
  if (only && others.length === 0 && only.text.trimStart().startsWith("{")) return only.text;
  return JSON.stringify({ files: Object.fromEntries(files.map(({ name, text }) => [name, text])) });
}

export function usePush() {
  const { api } = useSession();
  return useChanging(
    ({ files, environment }: { files: readonly PlanFile[]; environment: string }) =>
      got(
        api.routes.PUT("/api/plan", {
          params: { query: { environment } },
          // The document names no body, since it may be YAML.
          body: pushBody(files) as never,
          bodySerializer: String,
        }),
      ),
    ["plan", api.project],
  );
}

// ── what waits apart ───────────────────────────────────────────────────────────────────────────────────────────

export function useGroups() {
  const { api } = useSession();
  return useQuery({
    queryKey: ["quarantine", api.project, "groups"],
    queryFn: ({ signal }) =>
      got(api.routes.GET("/api/quarantine/groups", { params: { query: { limit: MOST } }, signal })),
  });
}

/** The entries of a group and no others: what it has none of, they have none of. */
export function likeOf({ event, reason, path, app_version }: Group) {
  return { event: event ?? "", reason, path, app_version: app_version ?? "" };
}

export function useEntries(group: Group) {
  const { api } = useSession();
  const like = likeOf(group);
  return useInfiniteQuery({
    queryKey: ["quarantine", api.project, "entries", like],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...like, limit: PAGE, ...(pageParam > 0 && { cursor: pageParam }) };
      return got(api.routes.GET("/api/quarantine", { params: { query }, signal }));
    },
    initialPageParam: 0,
    getNextPageParam: (last) => last.next ?? undefined,
  });
}

export function useQuarantining() {
  const { api } = useSession();
  const touched = [
    ["quarantine", api.project],
    ["status", api.project],
    ["plan", api.project],
  ];
  return {
    replay: useChanging((body: Like) => got(api.routes.POST("/api/quarantine/replay", { body })), ...touched),
    discard: useChanging((body: Like) => got(api.routes.POST("/api/quarantine/discard", { body })), ...touched),
  };
}
