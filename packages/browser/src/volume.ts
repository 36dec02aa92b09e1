/** Fewer events: only some visitors, or not the same thing again and again. */

import type { Event, Part } from "./client.js";

/**
 * Record a share of the visitors, such as `sample(0.1)`, and those wholly: an id is in or out, on every page.
 * What is left out is left out before it is written.
 */
export const sample =
  (share: number): Part =>
  ({ before }) => {
    const fallback = Math.random();
    before.push((event) => ((event.anonymous_id ? place(event.anonymous_id) : fallback) < share ? event : null));
  };

/** The same event with the same component and action at most once in `ms` milliseconds. */
export const throttle =
  (ms: number, ...names: string[]): Part =>
  ({ before }) => {
    const last = new Map<string, number>();
    before.push((event: Event) => {
      if (names.length && !names.includes(event.event)) return event;
      const same = [event.event, event.component, event.action].join(" ");
      const since = event.timestamp - (last.get(same) ?? Number.NEGATIVE_INFINITY);
      if (since >= 0 && since < ms) return null; // before it: somebody set the clock back
      last.set(same, event.timestamp);
      return event;
    });
  };

/** Where an id lies between 0 and 1 (FNV-1a). */
export function place(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}
