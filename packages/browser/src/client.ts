/**
 * The client: what every event carries, who it is about, whether it may be recorded at all, and where it goes.
 *
 * It holds what cannot be left out. Everything else (page views, components, clicks, errors …) is a `Part`: a function
 * that is given the client, and costs nothing where it is not imported. No call of it ever throws into the page.
 */

import { uuid7 } from "./ids.js";
import { exclusively } from "./lock.js";
import { openOutbox } from "./queue.js";
import { openShelf, type Shelf } from "./shelf.js";
import { createTransport, type Message, type Transport } from "./transport.js";
import { cut } from "./url.js";

/**
 * `off`: nothing is recorded. `cookieless`: nothing is stored in the browser and events carry no id; the server makes
 * one that lasts a day. `full`: ids and the outbox are kept in localStorage.
 */
export type Mode = "off" | "cookieless" | "full";

/** What an event is recorded for: `analytics` unless it says otherwise. */
export type Purpose = "analytics" | "errors" | (string & {});

/** A mode for each purpose, `*` for those that are not named. */
export type Choices = Partial<Record<Purpose | "*", Mode>>;

export type Properties = object;

/** Fields of an event that a caller may set beside its properties. */
export interface Fields {
  purpose?: Purpose;
  timestamp?: number;
  user_id?: string | undefined;
  anonymous_id?: string;
  session_id?: string;
  page?: string;
  url?: string;
  referrer?: string | undefined;
  title?: string;
  section?: string | undefined;
  component?: string;
  component_hash?: string | undefined;
  action?: string;
  groups?: Record<string, string>;
}

/** An event on its way into the outbox. */
export interface Event extends Omit<Fields, "purpose"> {
  event: string;
  event_id: string;
  timestamp: number;
  seq?: number;
  properties?: Properties | undefined;
  [field: string]: unknown;
}

/** Something that the client does besides. */
export type Part = (client: Client) => void;

export interface Options {
  /** The server, such as `https://analytics.example`; the page's own origin when left out. */
  url?: string;
  /** Where it takes events. */
  path?: string;
  /** A write key; none for a server that takes events without. */
  key?: string;
  /** What counts as long as a visitor has not chosen; `full` when left out. */
  consent?: Mode | Choices;
  /** Global Privacy Control means `off` until the visitor opts in; on unless false. */
  gpc?: boolean;
  /** Do Not Track means the same; off unless true. */
  dnt?: boolean;
  /** Minutes without an event after which another session begins; 30 when left out. */
  sessionMinutes?: number;
  /** Milliseconds for which events are collected into a request; 2 000 when left out. */
  flushInterval?: number;
  /** Events after which a request is sent at once; 20 when left out. */
  batchSize?: number;
  /** Further keys of a query string that are kept in addresses. */
  queryKeys?: string[];
  /** False leaves page views to you. */
  pages?: boolean;
  /** Further parts. */
  use?: Part[];
  /** Tell the console what happens. */
  debug?: boolean;
  /** For other protocols than ours: the body of a request, made of events as JSON. */
  encode?: (events: readonly string[], dropped: number) => Message;
}

export interface Client {
  readonly options: Options;
  /** What this browser remembers: `id`, `session`, `user`, `groups` in mode `full`, and `consent …` once chosen. */
  readonly shelf: Shelf;
  /** Called for each event before it is written; null drops it. */
  readonly before: ((event: Event) => Event | null)[];
  /** Called when the page goes, before the last request. */
  readonly leaving: (() => void)[];
  /** Aborted when the client ends: hand it to `addEventListener`. */
  readonly ending: AbortSignal;
  /** The referrer of the page as it is now. */
  referrer: string;
  /** Record an event; whether it was. */
  track(event: string, properties?: Properties, fields?: Fields): boolean;
  /** What may be recorded now: what the visitor chose (in any tab), else what a signal or the options say. */
  mode(purpose?: Purpose): Mode;
  /** Send everything now; whether all of it was acknowledged. */
  flush(): Promise<boolean>;
  /** Give up what was not sent. */
  forget(): void;
  /** Tells the console, with `debug`; what is recorded, and `sent`, how many, with which status. A part may listen in. */
  log(...words: unknown[]): void;
  destroy(): void;
}

/** Name of the event that the window gets when the visitor has chosen what may be recorded. */
export const CHOSEN = "footfall:consent";

export const COLLECT = "/api/events/collect";
const PREFIX = "footfall.";

/** Whether there is a page; on a server every call does nothing. */
export const inBrowser = typeof document !== "undefined";

interface Lane extends Transport {
  put(id: string, event: string): number;
  forget(): void;
}

export function createClient(options: Options = {}): Client {
  const { url = "", path = COLLECT, key, consent = "full" } = options;
  const address = url.replace(/\/$/, "") + path;
  const queue = `${PREFIX}queue ${address} ${key ?? ""} `;
  const shelf = openShelf(PREFIX, inBrowser);
  const lanes: Partial<Record<Mode, Lane>> = {};
  const end = new AbortController();
  const { signal } = end;
  const configured: Choices = typeof consent === "string" ? { "*": consent } : consent;

  const log = (...words: unknown[]) => options.debug && console.debug("[footfall]", ...words);
  const each = (act: (lane: Lane) => void) => Object.values(lanes).forEach(act);

  /** An outbox and its way to the server; one that is kept, one that is not. */
  function lane(kept: boolean): Lane {
    const outbox = openOutbox(openShelf(queue, kept));
    const transport = createTransport({
      flushInterval: 2000,
      batchSize: 20,
      encode(events, dropped) {
        const head = JSON.stringify({ key, sent_at: Date.now(), dropped, cookieless: !kept });
        return { body: `${head.slice(0, -1)},"batch":[${events.join()}]}` };
      },
      ...options,
      address,
      outbox,
      alone: (work) => (kept ? exclusively(queue, shelf, work) : work()),
      ending: signal,
      log: client.log,
    });
    return { ...outbox, ...transport };
  }

  const laneOf = (mode: Mode): Lane => (lanes[mode] ??= lane(mode === "full"));

  function mode(purpose: Purpose = "analytics"): Mode {
    const { globalPrivacyControl, doNotTrack } = navigator as Navigator & { globalPrivacyControl?: boolean };
    const signal = (options.gpc !== false && globalPrivacyControl) || (options.dnt && doNotTrack === "1");
    const chosen = (shelf.get(`consent ${purpose}`) ?? shelf.get("consent *")) as Mode | null;
    return chosen ?? (signal ? "off" : (configured[purpose] ?? configured["*"] ?? "off"));
  }

  /** Who, in which session, and where in it (R19, R20). Tabs share all of it. */
  function identity(now: number): Partial<Event> {
    let anonymous_id = shelf.get("id");
    if (!anonymous_id) shelf.set("id", (anonymous_id = uuid7(now)));
    const [known, last = 0, count] = (shelf.get("session") ?? "").split(" ");
    const over = now - Number(last) > (options.sessionMinutes ?? 30) * 60_000;
    const session_id = over ? uuid7(now) : known!;
    const seq = over ? 1 : Number(count) + 1;
    shelf.set("session", `${session_id} ${now} ${seq}`);
    return {
      anonymous_id,
      session_id,
      seq,
      user_id: shelf.get("user") ?? (window as { __USER_ID__?: string }).__USER_ID__,
      groups: JSON.parse(shelf.get("groups") ?? "{}"),
    };
  }

  const client: Client = {
    options,
    shelf,
    before: [],
    leaving: [],
    ending: signal,
    referrer: inBrowser ? document.referrer : "",
    mode,
    log,

    track(event, properties, { purpose, ...fields } = {}) {
      try {
        const allowed = inBrowser && !signal.aborted ? mode(purpose) : "off";
        if (allowed === "off") return false;
        const timestamp = Date.now();
        const event_id = uuid7(timestamp);
        let made: Event | null = {
          event,
          event_id,
          timestamp,
          url: cut(location.href, options.queryKeys),
          referrer: cut(client.referrer, options.queryKeys),
          title: document.title,
          locale: navigator.language,
          screen: `${screen.width}x${screen.height}`,
          app_version: document.querySelector<HTMLMetaElement>("meta[name=app-version]")?.content,
          ...(allowed === "full" && identity(timestamp)),
          ...fields,
          properties,
        };
        for (const change of client.before) made &&= change(made);
        log(event, made);
        if (!made) return false;
        const { put, nudge } = laneOf(allowed);
        nudge(put(event_id, JSON.stringify(made)));
        return true;
      } catch (error) {
        log(event, error);
        return false;
      }
    },

    flush: async () => (await Promise.all(Object.values(lanes).map((one) => one.flush()))).every(Boolean),
    forget: () => each((one) => one.forget()),

    destroy() {
      leave();
      end.abort();
    },
  };
  const hide = () => each((one) => one.leave());
  const leave = () => {
    for (const act of client.leaving) act();
    hide();
  };
  if (inBrowser) {
    addEventListener("pagehide", leave, { signal });
    addEventListener("visibilitychange", () => document.hidden && hide(), { signal, capture: true });
    for (const part of options.use ?? []) part(client);
    // What the page before this one could not deliver.
    if (mode() === "full") void laneOf("full").flush();
  }
  return client;
}
