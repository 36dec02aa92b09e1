/**
 * What goes wrong on the page and nobody catches: `error` events of purpose `errors`.
 *
 * The same message counts once a page, and a page tells ten at most: a loop that fails is one fault, not a flood.
 */

import type { Client } from "./client.js";
import { described } from "./components.js";

const MOST = 10;

export function errors(client: Client): void {
  const told = new Set<string>();
  const tell = (type: string, error: unknown) => {
    const properties = { type, ...described(error) };
    const { error_message: message } = properties;
    if (told.has(message) || told.size >= MOST) return;
    told.add(message);
    client.track("error", properties, { purpose: "errors" });
  };
  const { ending: signal } = client;
  addEventListener("error", (event) => tell("uncaught", event.error ?? event.message), { signal });
  addEventListener("unhandledrejection", (event) => tell("rejection", event.reason), { signal });
}
