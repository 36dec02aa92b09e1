/** The only place that speaks to the server. An answer is data; everything else is thrown as a `Problem`. */

import createClient, { type Client } from "openapi-fetch";
import type { paths } from "./schema";
import type { FileFormat, Insights, Kind, Unit } from "./types";

export interface Position {
  line: number;
  column: number;
}

/** An answer of `application/problem+json`, or what stands for one when there was no answer. */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  /** Which part of the question is meant, such as `$.steps[1].event`. */
  readonly path: string | undefined;
  /** Line and column in the text at `path`, both from 1. */
  readonly position: Position | undefined;

  constructor(status: number, title: string, detail: string, path?: string, position?: Position) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.title = title;
    this.path = path;
    this.position = position;
  }

  /** Whether to ask the same again may help. */
  get passes(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

type Body<K extends Kind> = Insights[K]["request"];

export interface Api {
  readonly project: number | undefined;
  /** Every route but those below, by its path: what is asked and answered is checked by the compiler. */
  readonly routes: Client<paths>;
  ask<K extends Kind>(kind: K, question: Body<K>, options?: Asking): Promise<Insights[K]["answer"]>;
  /** A page of what stands behind one number. */
  behind<K extends Kind, Page>(
    kind: K,
    unit: Unit,
    number: Pointed<K>,
    page: PageOf,
    signal?: AbortSignal,
  ): Promise<Page>;
  /** An answer, or the list behind a number, as a file. */
  file<K extends Kind>(kind: K, format: FileFormat, question: Body<K> | Pointed<K>, unit?: Unit): Promise<Blob>;
  /** The address of a feed of server-sent events, or of a file. */
  address(path: string, query?: Query): string;
}

/** Of an address: a list is a name that comes several times. */
export type Query = Record<string, string | number | readonly string[] | undefined>;

export type Pointed<K extends Kind> = Body<K> & { pointer: Insights[K]["pointer"] };
export interface PageOf {
  limit?: number;
  cursor?: string | undefined;
}
export interface Asking {
  explain?: boolean;
  signal?: AbortSignal | undefined;
}

/** Speaks for one project; without one, for the first of the session's. */
export function createApi(project: number | undefined, fetcher: typeof fetch = globalThis.fetch): Api {
  const asked: typeof fetch = async (input, init) => {
    try {
      return await fetcher(input, init);
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new Problem(0, "No answer", "The server did not answer. Is it running, and is the network there?");
    }
  };
  const routes = createClient<paths>({
    baseUrl: globalThis.location.origin,
    fetch: async (request) => asked(await withProject(request, project)),
  });
  routes.use({
    onResponse: async ({ response }) => {
      if (!response.ok) throw await problemOf(response);
    },
  });

  const address = (path: string, query: Query = {}) => {
    const url = new URL(path, globalThis.location.origin);
    for (const [name, value] of Object.entries({ ...query, project })) {
      if (value !== undefined) for (const one of [value].flat()) url.searchParams.append(name, String(one));
    }
    return url.href;
  };

  const post = async (url: string, body: unknown, signal?: AbortSignal) => {
    const response = await asked(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    });
    if (!response.ok) throw await problemOf(response);
    return response;
  };

  return {
    project,
    routes,
    address,
    ask: async (kind, question, { explain, signal } = {}) =>
      (await post(address(`/api/insights/${kind}`, explain ? { explain: 1 } : {}), question, signal)).json(),
    behind: async (kind, unit, number, { limit, cursor }, signal) =>
      (await post(address(`/api/insights/${kind}/${unit}`, { limit, cursor }), number, signal)).json(),
    file: async (kind, format, question, unit) => {
      const of = unit ? `${kind}/${unit}` : kind;
      return (await post(address(`/api/insights/${of}/export.${format}`), question)).blob();
    },
  };
}

/** A copy has the body of what is copied as a stream, which browsers send over HTTP/2 alone; so it is read before. */
async function withProject(request: Request, project: number | undefined): Promise<Request> {
  if (project === undefined) return request;
  const url = new URL(request.url);
  url.searchParams.set("project", String(project));
  const { method, headers, signal, credentials } = request;
  const body = ["GET", "HEAD"].includes(method) ? "" : await request.text();
  return new Request(url, { method, headers, signal, credentials, ...(body !== "" && { body }) });
}

export async function problemOf(response: Response): Promise<Problem> {
  try {
    const told = await response.json();
    return new Problem(response.status, String(told.title), String(told.detail), told.path, told.position);
  } catch {
    return new Problem(response.status, response.statusText || "Error", `The server answered ${response.status}.`);
  }
}

/** What a route answered; a problem is thrown before this. */
export async function got<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}
