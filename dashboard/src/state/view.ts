/**
 * What an address says. It is the whole state of a page: whoever copies it sees the same, and back is undo.
 *
 * Whatever an address says that makes no sense is left out, never refused.
 */

import type { Filter, Interval, Kind, Unit } from "../api/types";

/** What every page shares, and keeps from one to the next. */
export interface View {
  project?: number;
  range?: string;
  compare?: Compare;
  interval?: Interval;
  filters?: Filter[];
  /** Bots are counted too. */
  bots?: true;
}

/** What a page of insights has besides. */
export interface InsightView extends View {
  kind?: Kind;
  /** The question's own part, without what every page shares. */
  q?: Record<string, unknown>;
  /** The saved insight that is looked at. */
  saved?: string;
  /** The number whose list is open. */
  list?: OpenList;
  look?: Look;
}

/** How the picture of an answer is looked at: which value of its breakdown, and which way, where it has several. */
export interface Look {
  part?: string;
  way?: string;
}

/** What pages that are no questions have besides. */
export interface PageView extends InsightView {
  /** The tile whose line is drawn large. */
  tile?: string;
  tab?: string;
  /** What is searched for. */
  search?: string;
  /** The names of the events that are listed. */
  events?: string[];
  limit?: number;
  /** How far into a list one has gone. */
  page?: Place;
  /** The event that is open. */
  opened?: string;
  /** A board has its tiles arranged. */
  edit?: true;
  /** The statement that was run. */
  query?: string;
  /** How far back, as a duration. */
  since?: string;
  /** The states, the owner and the area of the planned events that are listed. */
  states?: string[];
  owner?: string;
  area?: string;
}

/** A cursor is good for the list that it was made for. */
export interface Place {
  cursor: string;
  of: string;
}

export interface OpenList {
  pointer: Record<string, unknown>;
  unit: Unit;
  title: string;
  /** Which of a page's questions the number is of, where it has several. */
  of?: string;
}

export type Compare = "previous_period" | "previous_year" | "none";

/** Kept when somebody goes to another page. */
export const SHARED = ["project", "range", "compare", "filters", "bots"] as const satisfies (keyof View)[];

type Search = Record<string, unknown>;

export function viewOf(search: Search): View {
  return pruned({
    project: Number.isInteger(search.project) ? (search.project as number) : undefined,
    range: textOf(search.range),
    compare: oneOf(search.compare, COMPARES),
    interval: oneOf(search.interval, INTERVALS),
    filters: filtersOf(search.filters),
    bots: search.bots ? true : undefined,
  });
}

export function insightViewOf(search: Search): InsightView {
  return {
    ...viewOf(search),
    ...pruned({
      kind: textOf(search.kind) as Kind | undefined,
      q: isRecord(search.q) ? search.q : undefined,
      saved: textOf(search.saved),
      list: listOf(search.list),
      look: lookOf(search.look),
    }),
  };
}

export function pageViewOf(search: Search): PageView {
  return {
    ...insightViewOf(search),
    ...pruned({
      tile: textOf(search.tile),
      tab: textOf(search.tab),
      search: textOf(search.search),
      events: namesOf(search.events),
      limit: LIMITS.find((one) => one === search.limit),
      page: placeOf(search.page),
      opened: textOf(search.opened),
      edit: search.edit ? true : undefined,
      query: textOf(search.query),
      since: textOf(search.since),
      states: namesOf(search.states),
      owner: textOf(search.owner),
      area: textOf(search.area),
    }),
  };
}

/** How many rows a page of a list may have. */
export const LIMITS = [10, 25, 50, 100] as const;

function namesOf(found: unknown): string[] | undefined {
  const names = (Array.isArray(found) ? found : [found]).flatMap((one) => textOf(one) ?? []);
  return names.length > 0 ? names : undefined;
}

function placeOf(found: unknown): Place | undefined {
  if (!isRecord(found) || typeof found.cursor !== "string" || typeof found.of !== "string") return undefined;
  return { cursor: found.cursor, of: found.of };
}

/** Behind a link that was shared: how it looks, and nothing of what is asked. */
export interface SharedLook {
  theme?: "dark" | "light";
  embed?: true;
}

export function sharedViewOf(search: Search): SharedLook {
  return pruned({
    theme: oneOf(search.theme, ["dark", "light"] as const),
    embed: search.embed ? (true as const) : undefined,
  });
}

export function listOf(found: unknown): OpenList | undefined {
  if (!isRecord(found) || !isRecord(found.pointer)) return undefined;
  return {
    pointer: found.pointer,
    unit: oneOf(found.unit, UNITS) ?? "people",
    title: typeof found.title === "string" ? found.title.slice(0, 300) : "",
    ...(typeof found.of === "string" && { of: found.of }),
  };
}

function lookOf(found: unknown): Look | undefined {
  if (!isRecord(found)) return undefined;
  return pruned<Look>({
    part: typeof found.part === "string" ? found.part : undefined,
    way: textOf(found.way),
  });
}

const COMPARES = ["previous_period", "previous_year", "none"] as const;
const UNITS = ["people", "events", "sessions"] as const;
const INTERVALS = [
  "minute",
  "five_minutes",
  "fifteen_minutes",
  "hour",
  "day",
  "week",
  "month",
  "quarter",
  "year",
] as const satisfies Interval[];

/** Numbers too: an address that ends in `range=2026` is read as one. */
function textOf(found: unknown): string | undefined {
  if (typeof found === "number") return String(found);
  return typeof found === "string" && found !== "" ? found : undefined;
}

export function oneOf<T extends string>(found: unknown, known: readonly T[]): T | undefined {
  return known.find((one) => one === found);
}

export function isRecord(found: unknown): found is Record<string, unknown> {
  return typeof found === "object" && found !== null && !Array.isArray(found);
}

function filtersOf(found: unknown): Filter[] | undefined {
  if (!Array.isArray(found)) return undefined;
  const filters = found.filter(isFilter);
  return filters.length > 0 ? filters : undefined;
}

function isFilter(found: unknown): found is Filter {
  if (!isRecord(found)) return false;
  if (Array.isArray(found.any)) return found.any.every(isFilter);
  return typeof found.property === "string" && typeof found.operator === "string";
}

/** Without what is undefined, so that addresses stay short. */
export function pruned<T extends object>(found: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as T;
}

/** Without one of the fields that may be missing. */
export function without<T extends object>(found: T, name: keyof T): T {
  const { [name]: _, ...rest } = found;
  return rest as T;
}
