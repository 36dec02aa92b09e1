/** What a page outside of the dashboard asks: answers of a Footfall server, with a `stats` key or none. */

import { useCallback, useEffect, useState } from "react";

export interface Source {
  /** Of the server; the page's own origin when missing. */
  url?: string | undefined;
  /** A `stats` key: public, bound to this page's origin, good for aggregates only. A keyless server needs none. */
  statsKey?: string | undefined;
}

export interface Asked<T> {
  /** The last answer; it stays while another one is asked for. */
  data: T | undefined;
  error: string | undefined;
  busy: boolean;
  again: () => void;
}

/** Asks a path, with `body` by POST; again when either changes, and when the window gets the focus. */
export function useAnswer<T>(path: string, { url = "", statsKey }: Source, body?: unknown): Asked<T> {
  const [state, setState] = useState<Omit<Asked<T>, "again">>({ data: undefined, error: undefined, busy: true });
  const [turn, setTurn] = useState(0);
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const again = useCallback(() => setTurn((before) => before + 1), []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a turn is a reason to ask again
  useEffect(() => {
    const gone = new AbortController();
    setState((before) => ({ ...before, busy: true }));
    ask<T>(`${url.replace(/\/+$/, "")}${path}`, statsKey, sent, gone.signal).then(
      (data) => setState({ data, error: undefined, busy: false }),
      (error: unknown) => {
        if (gone.signal.aborted) return;
        const said = error instanceof Error ? error.message : "The server did not answer.";
        setState((before) => ({ ...before, error: said, busy: false }));
      },
    );
    return () => gone.abort();
  }, [path, url, statsKey, sent, turn]);

  useEffect(() => {
    globalThis.addEventListener("focus", again);
    return () => globalThis.removeEventListener("focus", again);
  }, [again]);

  return { ...state, again };
}

async function ask<T>(
  address: string,
  key: string | undefined,
  body: string | undefined,
  signal: AbortSignal,
): Promise<T> {
  const answer = await fetch(address, {
    signal,
    headers: {
      ...(key && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { method: "POST", body }),
  });
  if (answer.ok) return answer.json();
  const told = await answer.json().catch(() => null);
  throw new Error(told?.detail ?? `The server answered ${answer.status}.`);
}
