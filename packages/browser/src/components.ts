/**
 * Components: visits with the time that they were visible (R21), interactions and errors.
 *
 * Visits of several components may overlap. Those that are open when the page goes end with it, and begin again when
 * it comes back from the back/forward cache.
 */

import { withClient } from "./api.js";
import type { Client, Properties } from "./client.js";
import { visibleMs } from "./visible.js";

interface Visit {
  hash: string | undefined;
  since: number;
}

/** The open visits of a client. */
const visits = new WeakMap<Client, Map<string, Visit>>();

function openVisits(client: Client): Map<string, Visit> {
  let open = visits.get(client);
  if (!open) {
    const made = new Map<string, Visit>();
    open = made;
    visits.set(client, made);
    let cut: [string, Visit][] = [];
    client.leaving.push(() => {
      cut = [...made];
      for (const [component] of cut) exit(client, component);
    });
    const back = (event: PageTransitionEvent) => {
      if (event.persisted) for (const [component, { hash }] of cut) enter(client, component, hash);
    };
    addEventListener("pageshow", back, { signal: client.ending });
  }
  return open;
}

function enter(client: Client, component: string, hash?: string): void {
  const open = openVisits(client);
  if (open.has(component)) return;
  if (client.track("component_visit", undefined, { component, component_hash: hash }))
    open.set(component, { hash, since: visibleMs() });
}

function exit(client: Client, component: string): void {
  const open = openVisits(client);
  const visit = open.get(component);
  if (!visit) return;
  open.delete(component);
  const duration_ms = visibleMs() - visit.since;
  client.track("component_exit", { duration_ms }, { component, component_hash: visit.hash });
}

/** A component came into sight or into use; a second call without an exit changes nothing. */
export function trackComponentVisit(component: string, hash?: string): void {
  withClient((client) => enter(client, component, hash));
}

/** It is gone; tells how long it could be seen. */
export function trackComponentExit(component: string): void {
  withClient((client) => exit(client, component));
}

/** Something was done with it: `("ProductCard", "add-to-cart")`. */
export function trackInteraction(component: string, action: string, properties?: Properties): void {
  withClient((client) => client.track("component_interaction", properties, { component, action }));
}

/** It failed. */
export function trackError(component: string, error: unknown, properties?: Properties): void {
  withClient((client) => client.track("component_error", { ...described(error), ...properties }, { component }));
}

/** Message and stack of whatever was thrown. */
export function described(error: unknown): { error_message: string; error_stack?: string | undefined } {
  if (error instanceof Error) return { error_message: error.message, error_stack: error.stack };
  return { error_message: String((error as { message?: unknown } | null)?.message ?? error) };
}

/** Half of an element, or of what a window can show of it. */
const ENOUGH = 0.5;

/**
 * Visits of a component by what can be seen: it is visited while half of its element, or half of the window, shows it.
 * Returns how to stop.
 */
export function observe(element: Element, component: string, hash?: string): () => void {
  let observer: IntersectionObserver | undefined;
  let stopped = false;
  withClient((client) => {
    if (stopped) return;
    observer = new IntersectionObserver(
      (entries) => {
        const entry = entries.at(-1);
        if (!entry) return;
        const window = entry.rootBounds?.height ?? innerHeight;
        const seen = entry.intersectionRatio >= ENOUGH || entry.intersectionRect.height >= window * ENOUGH;
        entry.isIntersecting && seen ? enter(client, component, hash) : exit(client, component);
      },
      { threshold: [0, 0.1, 0.2, 0.3, 0.4, ENOUGH] },
    );
    observer.observe(element);
  });
  return () => {
    stopped = true;
    observer?.disconnect();
    trackComponentExit(component);
  };
}
