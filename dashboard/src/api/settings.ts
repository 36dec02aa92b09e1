/** What the settings show and change: projects, keys, members, who did what, and how all is. */

import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useSession } from "../session";
import { useChanging } from "./change";
import { got } from "./client";
import type { Schemas } from "./types";

export type Key = Schemas["ShownKey"];
export type NewKey = Schemas["NewKey"];
export type User = Schemas["ShownUser"];
export type NewUser = Schemas["NewUser"];
export type ProjectChanges = Schemas["Changes"];
export type NewProject = Schemas["NewProject"];
export type AuditRecord = Schemas["AuditRecord"];
export type Finding = Schemas["services_checkup_Finding"];

const PAGE = 50;

// ── projects ───────────────────────────────────────────────────────────────────────────────────────────────────

export function useProject() {
  const { api, project } = useSession();
  return useQuery({
    queryKey: ["projects", project.id],
    queryFn: ({ signal }) =>
      got(api.routes.GET("/api/projects/{project_id}", { params: { path: { project_id: project.id } }, signal })),
  });
}

/** Those that were put away; whoever runs the server sees them. */
export function useArchived() {
  const { api, may } = useSession();
  const { data } = useQuery({
    queryKey: ["projects", "archived"],
    queryFn: ({ signal }) => got(api.routes.GET("/api/projects", { params: { query: { archived: true } }, signal })),
    enabled: may("own"),
  });
  return data?.filter((one) => one.archived_at !== null) ?? [];
}

export function useProjecting() {
  const { api, project } = useSession();
  const touched = [["projects"], ["me"]];
  const path = { project_id: project.id };
  return {
    change: useChanging(
      (body: ProjectChanges) => got(api.routes.PATCH("/api/projects/{project_id}", { params: { path }, body })),
      ...touched,
    ),
    create: useChanging((body: NewProject) => got(api.routes.POST("/api/projects", { body })), ...touched),
    // Not asked anew: the page goes elsewhere, since there is no such project any more.
    archive: useChanging((_: undefined) => got(api.routes.DELETE("/api/projects/{project_id}", { params: { path } }))),
    restore: useChanging(
      (id: number) =>
        got(api.routes.POST("/api/projects/{project_id}/restore", { params: { path: { project_id: id } } })),
      ...touched,
    ),
  };
}

// ── keys ───────────────────────────────────────────────────────────────────────────────────────────────────────

export function useKeysOfProject() {
  const { api, may } = useSession();
  return useQuery({
    queryKey: ["keys", api.project],
    queryFn: ({ signal }) => got(api.routes.GET("/api/keys", { signal })),
    enabled: may("admin"),
  });
}

export function useKeying() {
  const { api } = useSession();
  const touched = ["keys", api.project];
  return {
    create: useChanging((body: NewKey) => got(api.routes.POST("/api/keys", { body })), touched),
    rotate: useChanging(
      ({ id, grace }: { id: string; grace: string | null }) =>
        got(api.routes.POST("/api/keys/{key_id}/rotate", { params: { path: { key_id: id } }, body: { grace } })),
      touched,
    ),
    revoke: useChanging(
      (id: string) => got(api.routes.DELETE("/api/keys/{key_id}", { params: { path: { key_id: id } } })),
      touched,
    ),
  };
}

// ── members ────────────────────────────────────────────────────────────────────────────────────────────────────

export function useMembers() {
  const { api, may } = useSession();
  return useQuery({
    queryKey: ["users", api.project],
    queryFn: ({ signal }) => got(api.routes.GET("/api/users", { signal })),
    enabled: may("admin"),
  });
}

export function useMembering() {
  const { api } = useSession();
  const touched = [["users", api.project], ["me"]];
  const pathOf = (id: string) => ({ path: { user_id: id } });
  return {
    add: useChanging((body: NewUser) => got(api.routes.POST("/api/users", { body })), ...touched),
    change: useChanging(
      ({ id, role }: { id: string; role: User["role"] }) =>
        got(api.routes.PATCH("/api/users/{user_id}", { params: pathOf(id), body: { role } })),
      ...touched,
    ),
    remove: useChanging(
      (id: string) => got(api.routes.DELETE("/api/users/{user_id}", { params: pathOf(id) })),
      ...touched,
    ),
    link: useChanging((id: string) => got(api.routes.POST("/api/users/{user_id}/link", { params: pathOf(id) }))),
  };
}

/** From the id of whoever did something to a name: of members and keys that are still there, for admins. */
export function useActors(): (id: string) => string {
  const { data: members = [] } = useMembers();
  const { data: keys = [] } = useKeysOfProject();
  const names = new Map([
    ...members.map((one) => [one.id, one.name || one.email || one.id] as const),
    ...keys.map((one) => [one.id, one.name ? `key “${one.name}”` : one.id] as const),
  ]);
  return (id) => names.get(id) ?? id;
}

// ── what is read only ──────────────────────────────────────────────────────────────────────────────────────────

export function useAudit() {
  const { api } = useSession();
  return useInfiniteQuery({
    queryKey: ["audit", api.project],
    queryFn: ({ pageParam, signal }) =>
      got(api.routes.GET("/api/audit", { params: { query: pageOf(pageParam) }, signal })),
    initialPageParam: 0,
    getNextPageParam: (last) => last.next ?? undefined,
  });
}

function pageOf(cursor: number) {
  return { limit: PAGE, ...(cursor > 0 && { cursor }) };
}

export function useDoctor() {
  const { api, may } = useSession();
  return useQuery({
    queryKey: ["doctor", api.project],
    queryFn: ({ signal }) => got(api.routes.GET("/api/doctor", { signal })),
    enabled: may("admin"),
    placeholderData: keepPreviousData,
  });
}

export function useIngest() {
  const { api } = useSession();
  return useQuery({
    queryKey: ["status", api.project],
    queryFn: ({ signal }) => got(api.routes.GET("/api/ingest/status", { signal })),
    refetchInterval: 5_000,
  });
}
