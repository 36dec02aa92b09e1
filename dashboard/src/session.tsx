/** Who looks, at which project, and what they may do: asked once, and known to every page. */

import { queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useMemo } from "react";
import { type Api, createApi, got } from "./api/client";
import type { Schemas } from "./api/types";

export type Whoami = Schemas["Whoami"];
export type Here = NonNullable<Whoami["project"]>;
export type Right = Whoami["rights"][number];

export interface Session {
  api: Api;
  me: Whoami["user"];
  project: Here;
  shop: boolean;
  may: (right: Right) => boolean;
}

const SessionContext = createContext<Session | null>(null);

export function meOptions(project: number | undefined) {
  return queryOptions({
    queryKey: ["me", project ?? null],
    queryFn: () => got(createApi(project).routes.GET("/api/me")),
    staleTime: 60_000,
  });
}

/** The session for the project that an address names. Somebody who may see nothing is sent to sign in. */
export function SessionProvider({ project, children }: { project: number | undefined; children: ReactNode }) {
  const { data } = useSuspenseQuery(meOptions(project));
  const here = data.project;
  const session = useMemo<Session | null>(
    () =>
      here && {
        api: createApi(here.id),
        me: data.user,
        project: here,
        shop: data.shop,
        may: (right) => data.rights.includes(right),
      },
    [data, here],
  );
  if (!session) {
    globalThis.location.assign(project === undefined ? "/signin" : "/");
    return null;
  }
  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("This is drawn outside of a session.");
  return session;
}

/** The projects that one can go to; the one that is open, where the others may not be known. */
export function useProjects(): { id: number; name: string }[] {
  const { api, project, may } = useSession();
  const { data } = useQuery({
    queryKey: ["projects"],
    queryFn: () => got(api.routes.GET("/api/projects")),
    enabled: may("view"),
    staleTime: 60_000,
  });
  return data ?? [project];
}
