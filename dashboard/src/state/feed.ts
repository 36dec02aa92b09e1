/** What a live page holds: the newest events, those that wait while it is paused, and how many came of late. */

import type { Event } from "../api/types";

export interface Arrived {
  event: Event;
  /** When it came to the page, in milliseconds; null for what was there before. */
  at: number | null;
}

export interface Feed {
  /** Newest first. */
  rows: readonly Arrived[];
  paused: boolean;
  /** What came while it was paused, newest first. */
  waiting: readonly Arrived[];
  /** How many came then; there may be more than wait. */
  missing: number;
  /** Seconds, and how many events came in each; the last is the newest. */
  seconds: readonly (readonly [second: number, events: number])[];
}

export const MOST_ROWS = 200;
const MINUTE = 60;

export const NO_FEED: Feed = { rows: [], paused: false, waiting: [], missing: 0, seconds: [] };

/** Events that came together, in the order in which they came. */
export function arrived(feed: Feed, news: readonly Arrived[]): Feed {
  const known = new Set([...feed.rows, ...feed.waiting].map((one) => one.event.event_id));
  const fresh = news.filter((one) => !known.has(one.event.event_id));
  if (fresh.length === 0) return feed;
  const seconds = counted(feed.seconds, fresh);
  if (feed.paused) {
    const waiting = newestOf(fresh, feed.waiting);
    return { ...feed, seconds, waiting, missing: feed.missing + fresh.length };
  }
  return { ...feed, seconds, rows: newestOf(fresh, feed.rows) };
}

/** What was there before anybody looked, newest first: it stands under what has come. */
export function preceded(feed: Feed, events: readonly Event[]): Feed {
  const known = new Set([...feed.rows, ...feed.waiting].map((one) => one.event.event_id));
  const before = events.filter((event) => !known.has(event.event_id)).map((event) => ({ event, at: null }));
  return { ...feed, rows: [...feed.rows, ...before].slice(0, MOST_ROWS) };
}

export function paused(feed: Feed): Feed {
  return { ...feed, paused: true };
}

export function resumed(feed: Feed): Feed {
  return {
    ...feed,
    paused: false,
    waiting: [],
    missing: 0,
    rows: [...feed.waiting, ...feed.rows].slice(0, MOST_ROWS),
  };
}

function newestOf(news: readonly Arrived[], before: readonly Arrived[]): Arrived[] {
  return [...news.toReversed(), ...before].slice(0, MOST_ROWS);
}

function counted(before: Feed["seconds"], news: readonly Arrived[]): Feed["seconds"] {
  const counts = new Map(before);
  for (const { at } of news) {
    if (at !== null) counts.set(Math.floor(at / 1000), (counts.get(Math.floor(at / 1000)) ?? 0) + 1);
  }
  const newest = Math.max(...counts.keys(), 0);
  return [...counts].filter(([second]) => second > newest - MINUTE).sort(([one], [other]) => one - other);
}

/** How many came in each part of the minute before `now`, the oldest first. */
export function lastMinute(feed: Feed, now: number, parts: number): number[] {
  const end = Math.floor(now / 1000);
  const length = MINUTE / parts;
  const sums = new Array<number>(parts).fill(0);
  for (const [second, events] of feed.seconds) {
    const part = Math.floor((second - (end - MINUTE) - 1) / length);
    if (part >= 0) sums[Math.min(part, parts - 1)] = (sums[Math.min(part, parts - 1)] ?? 0) + events;
  }
  return sums;
}

const FIRST_PAUSE = 2_000;
const LONGEST_PAUSE = 60_000;

/** Milliseconds until a server is asked again that was away so many times before: it may be restarting, or down. */
export function pauseAfter(refusals: number): number {
  return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** refusals);
}
