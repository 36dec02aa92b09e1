/**
 * From the outbox to the server, and nothing leaves the outbox before the server has it on disk.
 *
 * A request is a POST of `text/plain` without a header of ours: CORS asks no preflight for it, so it also works from a
 * page that is going away. Retries wait with backoff and jitter, or as long as `Retry-After` says. A page that is
 * hidden sends what fits into the browser's budget for such requests; the rest waits for the next page. The same event
 * may travel twice, and is counted once by its id.
 */

import type { Outbox, Parcel } from "./queue.js";

/** Bytes of a usual request, and of one that leaves with the page. */
export const LIMIT = 30_000;
export const LEAVING_LIMIT = 15_000;
/** Bytes under way with `keepalive` at once; browsers allow 64 KiB a page, for everybody on it. */
export const KEEPALIVE_BUDGET = 60_000;
const TIMEOUT_MS = 30_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
const LONGEST_REST_MS = 3_600_000;

const TOO_LARGE = 413;
/** Below 500, these (0 is no answer) are worth another try; the others are not, on this page. */
const PASSING = [0, 408, 425, 429];

export interface Message {
  body: string;
  headers?: Record<string, string>;
}

export interface Route {
  address: string;
  outbox: Outbox;
  /** Does something that one tab at a time may do. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** The body of a request. */
  encode(events: readonly string[], dropped: number): Message;
  flushInterval: number;
  batchSize: number;
  /** When it is over. */
  ending: AbortSignal;
  log(...words: unknown[]): void;
}

export interface Transport {
  /** Something was put into the outbox, which makes so many. */
  nudge(count?: number): void;
  /** Send everything now; whether all of it was acknowledged. */
  flush(): Promise<boolean>;
  /** The page may be gone in a moment. */
  leave(): void;
}

export function createTransport({ address, outbox, log, ending, ...route }: Route): Transport {
  const flying = new Set<string>();
  let flyingBytes = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let notBefore = 0;
  let refused = false;
  let draining = Promise.resolve(true);

  // The clock of waits is one that nobody sets.
  const rest = () => notBefore - performance.now();
  const resting = () => refused || rest() > 0;

  function schedule(wait: number): void {
    clearTimeout(timer);
    timer = setTimeout(flush, wait);
  }

  /** Send a parcel; its status, 200 for any success and 0 for no answer. What was acknowledged is out of the outbox. */
  async function send({ ids, events, size }: Parcel): Promise<number> {
    const dropped = flyingBytes ? 0 : outbox.dropped(); // of requests at once, the first one tells it
    let status = 0;
    for (const id of ids) flying.add(id);
    flyingBytes += size;
    try {
      const answer = await fetch(address, {
        ...route.encode(events, dropped),
        method: "POST",
        keepalive: flyingBytes <= KEEPALIVE_BUDGET,
        credentials: "omit",
        signal: AbortSignal.timeout?.(TIMEOUT_MS) ?? null,
      });
      // Behind a redirect there may be a page that takes anything (a sign-in); its 200 says nothing about the events.
      status = answer.redirected && answer.status !== 204 ? 0 : answer.ok ? 200 : answer.status;
      if (status === 200) {
        outbox.remove(ids);
        outbox.reported(dropped);
      } else {
        const wanted = Number(answer.headers.get("retry-after")) * 1000 || 0;
        notBefore = performance.now() + Math.min(LONGEST_REST_MS, wanted);
      }
    } catch (error) {
      log(error);
    }
    for (const id of ids) flying.delete(id);
    flyingBytes -= size;
    log("sent", ids.length, status);
    return status;
  }

  async function drain(): Promise<boolean> {
    let limit = LIMIT;
    if (rest() > 0) schedule(rest());
    // A browser that says it is offline may be wrong (a server on this machine), so it is believed after a failure.
    while (!resting() && (navigator.onLine || !failures)) {
      const parcel = outbox.take(limit, flying);
      if (!parcel.size) return !flying.size;
      const status = await send(parcel);
      if (status === 200) failures = 0;
      else if (status === TOO_LARGE) {
        if (!parcel.ids[1]) outbox.drop(parcel.ids);
        limit = parcel.size / 2;
      } else if (status >= 500 || PASSING.includes(status)) {
        const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures++);
        schedule(Math.max(wait * (0.5 + Math.random()), rest()));
        return false;
      } else {
        // A wrong key, or no such address: the events stay, since the next page may know better.
        console.warn(`footfall: events are refused with ${status}`);
        refused = true;
      }
    }
    return false;
  }

  function flush(): Promise<boolean> {
    clearTimeout(timer);
    timer = undefined;
    // After the one under way, which may have looked into the outbox for the last time; without a lock where a page
    // may have none (a sandboxed frame).
    draining = draining
      .then(() => route.alone(drain))
      .catch(drain)
      .catch(() => false);
    return draining;
  }

  function nudge(count = 0): void {
    const full = count === route.batchSize && !failures;
    if (!refused && !ending.aborted && (full || timer === undefined)) schedule(full ? 0 : route.flushInterval);
  }

  addEventListener("online", flush, { signal: ending });

  return {
    nudge,
    flush,
    leave() {
      while (!resting()) {
        const left = KEEPALIVE_BUDGET - flyingBytes;
        const parcel = outbox.take(Math.min(LEAVING_LIMIT, left), flying, left);
        if (!parcel.size) return;
        void send(parcel).then(() => nudge());
      }
    },
  };
}
