/**
 * The outbox: events that were tracked and not acknowledged yet.
 *
 * `put` has written when it returns, and only `remove` (an acknowledgement) or a bound takes an event out. Each event
 * lies under its own name, so tabs that share the shelf never overwrite each other. What the bounds cost is counted
 * and reported with the next batch.
 */

import { bornAt } from "./ids.js";
import type { Shelf } from "./shelf.js";

export const MAX_EVENTS = 1000;
export const MAX_CHARACTERS = 1_000_000;
export const MAX_AGE_MS = 7 * 86_400_000;

const DROPPED = "dropped";

export interface Parcel {
  ids: string[];
  /** Events as JSON, oldest first. */
  events: string[];
  /** Bytes of them. */
  size: number;
}

export interface Outbox {
  /** How many there are now, as far as this tab knows. */
  put(id: string, event: string): number;
  /**
   * The oldest events that fit into `limit` bytes, without those in `besides`. One that is larger comes alone; one of
   * more than `most` bytes not at all, and holds up nobody.
   */
  take(limit: number, besides: ReadonlySet<string>, most?: number): Parcel;
  remove(ids: readonly string[]): void;
  /** Take out what nobody will ever accept. */
  drop(ids: readonly string[]): void;
  /** How many were dropped and not reported yet. */
  dropped(): number;
  reported(count: number): void;
  forget(): void;
}

export function openOutbox(shelf: Shelf): Outbox {
  let count = 0;
  let characters = 0;

  const dropped = () => Number(shelf.get(DROPPED));
  const reported = (reportedCount: number) => {
    const left = dropped() - reportedCount;
    left > 0 ? shelf.set(DROPPED, String(left)) : shelf.remove(DROPPED);
  };
  const remove = (ids: readonly string[]) => ids.forEach(shelf.remove);
  const drop = (ids: readonly string[]) => {
    remove(ids);
    reported(-ids.length);
  };

  /** The ids, oldest first, within the bounds. */
  function tidied(): string[] {
    const ids = shelf.names().filter((name) => name !== DROPPED);
    let first = ids.sort().length;
    count = characters = 0;
    while (first) {
      const id = ids[first - 1]!;
      characters += shelf.get(id)?.length ?? 0;
      if (count === MAX_EVENTS || characters > MAX_CHARACTERS || bornAt(id) < Date.now() - MAX_AGE_MS) break;
      count++;
      first--;
    }
    if (first) drop(ids.splice(0, first));
    return ids;
  }

  return {
    put(id, event) {
      shelf.set(id, event);
      characters += event.length;
      if (++count > MAX_EVENTS || characters > MAX_CHARACTERS) tidied();
      return count;
    },
    take(limit, besides, most = Number.POSITIVE_INFINITY) {
      const parcel: Parcel = { ids: [], events: [], size: 0 };
      for (const id of tidied()) {
        const event = besides.has(id) ? null : shelf.get(id);
        if (event === null) continue;
        const size = new Blob([event]).size + 1;
        if (size > most) continue;
        if (parcel.size && parcel.size + size > limit) break;
        parcel.ids.push(id);
        parcel.events.push(event);
        parcel.size += size;
      }
      return parcel;
    },
    remove,
    drop,
    dropped,
    reported,
    forget: () => remove(shelf.names()),
  };
}
