/**
 * S0's bindings: `InteractionProvider` and `useInteractions`, with statistics from the server by TanStack Query.
 *
 * The session's counter rises at once. An interaction lies in the outbox before it is sent, so a send that fails costs
 * nothing but time; it is logged and never thrown.
 */

"use client";

import { flush, track } from "@footfall/browser";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from "react";
import { type ProviderProps, useClient } from "./provider.js";
import { Section } from "./section.js";

export interface ServerStats {
  totalInteracciones: number;
  porComponente: Array<{ _id: string; count: number }>;
  porAccion: Array<{ _id: { componente: string; accion: string }; count: number }>;
  porTipoUsuario: Array<{ _id: string; count: number }>;
}

export interface Interactions {
  trackInteraction: (componentName: string, action: string) => void;
  /** Of this session. */
  totalInteractions: number;
  serverStats: ServerStats | undefined;
  isLoadingServerStats: boolean;
  isRefetchingServerStats: boolean;
}

export interface InteractionUser {
  id?: string | undefined;
}

type Given<T> = T | (() => T);

export interface InteractionProviderProps extends ProviderProps {
  /** Who is signed in; without it, `window.__USER_ID__` says. */
  user?: Given<InteractionUser | null | undefined>;
  /** Whether somebody is; a `user` is enough. */
  isAuthenticated?: Given<boolean>;
  /** A key of scope `stats` for the statistics; none for a server that answers without. */
  statsKey?: string;
}

const STATS_KEY = ["footfall", "stats"];
const STALE_MS = 3000;

const Context = createContext<Interactions | undefined>(undefined);

export function InteractionProvider(props: InteractionProviderProps): ReactNode {
  const { user, isAuthenticated, statsKey, ...provider } = props;
  const queryClient = useQueryClient();
  const section = useContext(Section);
  const [totalInteractions, setTotal] = useState(0);
  const latest = useRef(props);
  latest.current = props;
  useClient(provider);

  const {
    data: serverStats,
    isLoading: isLoadingServerStats,
    isRefetching: isRefetchingServerStats,
  } = useQuery({
    queryKey: STATS_KEY,
    queryFn: ({ signal }) => fetchStats(props.url ?? "", statsKey, signal),
    refetchOnWindowFocus: true,
    staleTime: STALE_MS,
  });

  const trackInteraction = useCallback(
    (component: string, action: string) => {
      setTotal((total) => total + 1);
      track("component_interaction", undefined, { component, action, section, ...whoOf(latest.current) });
      flush()
        .then((all) => {
          if (all) return queryClient.invalidateQueries({ queryKey: STATS_KEY });
          console.warn("footfall: the interaction waits to be sent again");
          return undefined;
        })
        .catch((error: unknown) => console.error("footfall:", error));
    },
    [queryClient, section],
  );

  const value = useMemo(
    () => ({ trackInteraction, totalInteractions, serverStats, isLoadingServerStats, isRefetchingServerStats }),
    [trackInteraction, totalInteractions, serverStats, isLoadingServerStats, isRefetchingServerStats],
  );
  return <Context.Provider value={value}>{props.children}</Context.Provider>;
}

export function useInteractions(): Interactions {
  const interactions = useContext(Context);
  if (!interactions) throw new Error("useInteractions needs an InteractionProvider around it.");
  return interactions;
}

const resolved = <T,>(given: Given<T>): T => (typeof given === "function" ? (given as () => T)() : given);

/** The user id of an interaction; not even the field where nothing is given, so that the client finds it. */
function whoOf({ user, isAuthenticated }: InteractionProviderProps): { user_id?: string | undefined } {
  if (user === undefined && isAuthenticated === undefined) return {};
  const found = resolved(user);
  return { user_id: resolved(isAuthenticated ?? true) ? found?.id : undefined };
}

async function fetchStats(url: string, key: string | undefined, signal: AbortSignal): Promise<ServerStats> {
  const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const answer = await fetch(`${url.replace(/\/$/, "")}/api/tracking/stats`, { headers, signal });
  if (!answer.ok) throw new Error(`The statistics are refused with ${answer.status}.`);
  return (await answer.json()) as ServerStats;
}
