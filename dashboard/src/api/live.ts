/** The feed of what arrives (server-sent events), and what is heard of its connection. */

import { type Api, Problem, problemOf } from "./client";
import { choiceOf, type EventChoice } from "./events";
import type { Event } from "./types";

/** What a feed leaves out. */
export interface Gap {
  missed: number | null;
  first: string | null;
  last: string | null;
}

export interface Listener {
  arrived: (event: Event) => void;
  gap: (gap: Gap) => void;
  /** The connection is there, or is being made again by the browser. */
  open: (open: boolean) => void;
  /** The server does not want to go on. */
  refused: (problem: Problem) => void;
}

/** Listens until the function that it gives is called. What was missed meanwhile comes first after a lost connection. */
export function listen(api: Api, choice: EventChoice, listener: Listener): () => void {
  const address = api.address("/api/live", choiceOf(choice));
  const source = new EventSource(address);
  const asking = new AbortController();
  source.onopen = () => listener.open(true);
  source.onmessage = ({ data }) => listener.arrived(JSON.parse(data));
  source.addEventListener("gap", ({ data }) => listener.gap(JSON.parse(data)));
  source.onerror = () => {
    listener.open(false);
    if (source.readyState === EventSource.CLOSED) {
      refusalOf(address, asking.signal).then(listener.refused, () => {
        if (!asking.signal.aborted) listener.refused(new Problem(0, "No answer", "The server did not answer."));
      });
    }
  };
  return () => {
    asking.abort();
    source.close();
  };
}

/** Why a feed was refused, which an `EventSource` does not say. */
async function refusalOf(address: string, signal: AbortSignal): Promise<Problem> {
  const response = await fetch(address, { signal });
  if (!response.ok) return problemOf(response);
  await response.body?.cancel();
  return new Problem(0, "The feed ended", "The server ended the feed.");
}
