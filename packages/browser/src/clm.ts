/**
 * S3's way in: `new CLMAnalytics({ lokiUrl, … })` with visits of one component at a time.
 *
 * Against a Loki push address it speaks Loki's protocol, with user and session as structured metadata: as labels they
 * would make a stream of every visitor. Against any other address it speaks ours. Either way events wait in the outbox.
 */

import { type Client, createClient, type Fields, inBrowser } from "./client.js";
import { described } from "./components.js";
import { uuid7 } from "./ids.js";
import type { Message } from "./transport.js";
import { visibleMs } from "./visible.js";

export interface CLMOptions {
  /** A Loki push address, or the collect address of a Footfall server. */
  lokiUrl: string;
  lokiUsername?: string;
  lokiPassword?: string;
  /** A write key of a Footfall server. */
  key?: string;
  userId?: string;
  flushInterval?: number;
  /** Write a line to the console for each event; on unless false, as in S3. */
  debug?: boolean;
}

export interface CLMComponent {
  hash: string;
  name: string;
}

const USER = "clm_user_id";
const CONSENT = "analytics_consent";
const LOKI = "/loki/api/v1/push";
const BATCH = 10;

export class CLMAnalytics {
  readonly userId: string;
  currentComponent: CLMComponent | null = null;
  componentStartTime: number | null = null;
  readonly #client: Client;
  readonly #say: (...words: unknown[]) => void;
  readonly #named: boolean;

  constructor(options: CLMOptions) {
    const { lokiUrl, lokiUsername, lokiPassword, flushInterval = 5000, debug = true } = options;
    this.#say = debug ? (...words) => console.log("[Analytics]", ...words) : () => {};
    this.#named = options.userId !== undefined;
    this.userId = options.userId ?? storedUser();
    const loki = lokiUrl.split("?")[0]!.endsWith(LOKI);
    const authorization: Record<string, string> =
      lokiUsername === undefined ? {} : { authorization: `Basic ${btoa(`${lokiUsername}:${lokiPassword ?? ""}`)}` };
    this.#client = createClient({
      path: lokiUrl,
      flushInterval,
      batchSize: BATCH,
      ...(options.key !== undefined && { key: options.key }),
      ...(loki && { encode: (events) => lokiMessage(events, authorization) }),
      use: [
        (client) => {
          client.leaving.push(() => this.#exit());
          client.log = (word, count, status) => word === "sent" && status === 200 && this.#say(`Flushed ${count} logs`);
        },
      ],
    });
  }

  trackComponentVisit(componentHash: string, componentName: string): void {
    this.#exit();
    this.currentComponent = { hash: componentHash, name: componentName };
    this.componentStartTime = visibleMs();
    this.#track("component_visit", {}, { component: componentName, component_hash: componentHash });
  }

  /** Ends a visit; times are milliseconds, and their difference is what counts. */
  trackComponentExit(component: CLMComponent, startTime: number, endTime: number): void {
    const duration_ms = endTime - startTime;
    const properties = { duration_ms, duration_seconds: Math.round(duration_ms / 1000) };
    this.#track("component_exit", properties, { component: component.name, component_hash: component.hash });
  }

  trackInteraction(componentHash: string, interactionType: string, details: object = {}): void {
    this.#track("component_interaction", details, { action: interactionType, ...this.#component(componentHash) });
  }

  trackError(componentHash: string, error: unknown, context: object = {}): void {
    this.#track("component_error", { ...described(error), ...context }, this.#component(componentHash));
  }

  flush(): Promise<boolean> {
    return this.#client.flush();
  }

  destroy(): void {
    this.#client.destroy();
  }

  /** An interaction names its component by the hash alone; the name is known while it is the current one. */
  #component(hash: string): Fields {
    const current = this.currentComponent;
    return { component: current?.hash === hash ? current.name : hash, component_hash: hash };
  }

  #exit(): void {
    const { currentComponent: component, componentStartTime: started } = this;
    if (!component || started === null) return;
    this.currentComponent = this.componentStartTime = null;
    this.trackComponentExit(component, started, visibleMs());
  }

  #track(event: string, properties: object, fields: Fields): void {
    if (inBrowser && consented() && this.#client.track(event, properties, { ...this.#who(), ...fields }))
      this.#say(event, { ...fields, ...properties });
  }

  /** A made-up id names a browser, not a user. */
  #who(): Fields {
    return this.#named ? { user_id: this.userId } : { anonymous_id: this.userId };
  }
}

function consented(): boolean {
  try {
    return localStorage.getItem(CONSENT) !== "false";
  } catch {
    return true;
  }
}

function storedUser(): string {
  if (!inBrowser) return "";
  const made = `user_${uuid7(Date.now())}`;
  try {
    const known = localStorage.getItem(USER);
    if (known === null) localStorage.setItem(USER, made);
    return known ?? made;
  } catch {
    return made;
  }
}

/** Events as a Loki push: few labels, so few streams; what differs by visitor is structured metadata. */
export function lokiMessage(events: readonly string[], headers: Record<string, string>): Message {
  const streams = new Map<string, [string, string, Record<string, string>][]>();
  for (const line of events) {
    const event = JSON.parse(line) as Record<string, unknown>;
    const values = streams.get(String(event.event)) ?? [];
    streams.set(String(event.event), values);
    const metadata = ["user_id", "anonymous_id", "session_id", "component"].flatMap((name) =>
      event[name] ? [[name, String(event[name])]] : [],
    );
    values.push([`${event.timestamp}000000`, line, Object.fromEntries(metadata)]);
  }
  return {
    body: JSON.stringify({
      streams: Array.from(streams, ([event, values]) => ({ stream: { job: "clm-frontend", event }, values })),
    }),
    headers: { "content-type": "application/json", ...headers },
  };
}
