/**
 * The page's own client, and the functions that speak to it.
 *
 * It lives on `globalThis`, so that two copies of this code, or an effect that runs twice, are still one client. What
 * is called before `init` waits for it. On a server every call does nothing.
 */

import { type Client, createClient, type Fields, inBrowser, type Options, type Properties } from "./client.js";
import { pages } from "./pages.js";

const MOST_WAITING = 1000;

interface Page {
  client?: Client | undefined;
  waiting: ((client: Client) => void)[];
}

const page: Page = ((globalThis as Record<symbol, unknown>)[Symbol.for("footfall")] ??= { waiting: [] }) as Page;

/** Begin. A second call changes nothing and returns the client of the first. */
export function init(options: Options = {}): Client {
  if (page.client) return page.client;
  // The parts come before the first page view, which some of them change.
  const client = createClient({ ...options, use: [...(options.use ?? []), pages] });
  if (inBrowser) {
    page.client = client;
    for (const act of page.waiting.splice(0)) act(client);
  }
  return client;
}

/**
 * Where nobody begins, let what waits go to this page's own origin, as S1's `tracker` does. An `init` that comes later
 * takes over from there, and one that was ended stays so.
 */
export function beginAlone(): void {
  if ("client" in page || !inBrowser) return;
  const { waiting } = page;
  let alone: Client | undefined;
  const act = (next: (client: Client) => void) => {
    alone ??= createClient();
    next(alone);
    return 0;
  };
  waiting.splice(0).forEach(act);
  waiting.push = act;
}

/** Do something with the client, now or as soon as there is one. */
export function withClient(act: (client: Client) => void): void {
  if (page.client) act(page.client);
  else if (inBrowser && page.waiting.length < MOST_WAITING) page.waiting.push(act);
}

/** Record an event. It is in the outbox when this returns. */
export function track(event: string, properties?: Properties, fields?: Fields): void {
  withClient((client) => client.track(event, properties, fields));
}

/** Send everything now, or once `init` was called; whether all of it was acknowledged. */
export async function flush(): Promise<boolean> {
  return inBrowser && new Promise((resolve) => withClient((client) => resolve(client.flush())));
}

/** End: send what there is, listen no more. `init` may follow. */
export function destroy(): void {
  page.client?.destroy();
  page.client = undefined;
}
