/** S1's way in: `new EventTracker(endpoint, flushInterval, batchSize)` and the `tracker` of a page. */

import { type Client, COLLECT, createClient, inBrowser } from "./client.js";

export type TrackProperties = Record<string, string | number | boolean>;

/** Page views are the caller's, as in S1; everything else an event carries, the client adds. */
export class EventTracker {
  readonly #client: Client;

  constructor(endpoint: string, flushInterval = 5000, batchSize = 20) {
    this.#client = createClient({ path: endpoint, flushInterval, batchSize, pages: false });
  }

  track(event: string, properties?: TrackProperties): void {
    this.#client.track(event, properties);
  }

  flush(): Promise<boolean> {
    return this.#client.flush();
  }

  destroy(): void {
    this.#client.destroy();
  }
}

let made: EventTracker | undefined;

/** For this page's own origin; made when it is used first, so that importing it does nothing. */
export const tracker = {
  track(event: string, properties?: TrackProperties): void {
    if (inBrowser) (made ??= new EventTracker(COLLECT)).track(event, properties);
  },
  flush: async (): Promise<boolean> => made?.flush() ?? false,
  destroy(): void {
    made?.destroy();
    made = undefined;
  },
};
