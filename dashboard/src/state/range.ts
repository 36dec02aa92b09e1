/**
 * Ranges of time as people say and addresses keep them: `7d`, `yesterday`, `2026-03-01..2026-03-14` (both days
 * included), `2026-03-29T01:00:00+01:00..2026-03-29T05:00:00+02:00` (the end not), `2026-03-01..` (until now).
 *
 * Days are those of the project's zone, whatever the browser's is. The server is asked with bare days wherever whole
 * days are meant, so that it decides where they begin (R1, R2).
 */

import dayjs from "dayjs";
import customParseFormat from "dayjs/plugin/customParseFormat";
import utc from "dayjs/plugin/utc";
import type { Interval } from "../api/types";

dayjs.extend(utc);
dayjs.extend(customParseFormat);

/** `YYYY-MM-DD`. */
export type Day = string;

export interface Bounds {
  from: string;
  /** Not included. */
  to: string;
  /** How long it is, about. */
  days: number;
  /** As a title says it: "1 – 14 Mar 2026". */
  words: string;
  /** Whether it reaches into the day that is going on. */
  running: boolean;
}

export interface Preset {
  range: string;
  label: string;
  title: string;
  key: string;
}

/** What is offered, with the key that picks it. */
export const PRESETS: readonly Preset[] = [
  { range: "24h", label: "24H", title: "The last 24 hours", key: "h" },
  { range: "today", label: "Today", title: "Today", key: "d" },
  { range: "yesterday", label: "Yesterday", title: "Yesterday", key: "e" },
  { range: "7d", label: "7D", title: "The last 7 days, today included", key: "w" },
  { range: "30d", label: "30D", title: "The last 30 days, today included", key: "t" },
  { range: "90d", label: "90D", title: "The last 90 days, today included", key: "n" },
  { range: "mtd", label: "Month", title: "This month so far", key: "m" },
  { range: "12m", label: "12M", title: "The last 12 months, this one included", key: "l" },
];

/** A week beside the one before: young projects, too, have something to compare with. */
export const DEFAULT_RANGE = "7d";
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SPAN = /^(\d{1,4})(h|d|w|m)$/;
const MOST_DAYS = 3660;

export function todayIn(zone: string, now: number): Day {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  const told = Object.fromEntries(parts.formatToParts(now).map(({ type, value }) => [type, value]));
  return `${told.year}-${told.month}-${told.day}`;
}

export function plusDays(day: Day, days: number): Day {
  return dayjs.utc(day).add(days, "day").format("YYYY-MM-DD");
}

function daysBetween(from: Day, to: Day): number {
  return dayjs.utc(to).diff(dayjs.utc(from), "day");
}

/** What is asked of the server for a range; null where it says nothing that can be understood. */
export function boundsOf(range: string, zone: string, now: number): Bounds | null {
  const today = todayIn(zone, now);
  const span = SPAN.exec(range);
  if (span) return spanOf(Number(span[1]), span[2] as keyof typeof UNITS, today, now, zone);
  if (range === "today") return days(today, today, today);
  if (range === "yesterday") return days(plusDays(today, -1), plusDays(today, -1), today);
  if (range === "mtd") return days(`${today.slice(0, 8)}01`, today, today);
  const [from = "", to = "", more] = range.split("..");
  if (more !== undefined || !range.includes("..")) return null;
  if (isDay(from) && (isDay(to) || to === "")) return days(from, to || today, today);
  return moments(from, to, now, zone);
}

const UNITS = {
  d: (count: number, today: Day) => plusDays(today, 1 - count),
  w: (count: number, today: Day) => plusDays(today, 1 - 7 * count),
  m: (count: number, today: Day) =>
    dayjs
      .utc(today)
      .startOf("month")
      .subtract(count - 1, "month")
      .format("YYYY-MM-DD"),
  h: () => "",
};

function spanOf(count: number, unit: keyof typeof UNITS, today: Day, now: number, zone: string): Bounds | null {
  if (count === 0) return null;
  if (unit !== "h") return days(UNITS[unit](count, today), today, today);
  // To the end of the hour that is going on, so that one question serves for an hour.
  const end = Math.floor(now / HOUR) * HOUR + HOUR;
  const start = end - count * HOUR;
  return {
    from: new Date(start).toISOString(),
    to: new Date(end).toISOString(),
    days: (end - start) / DAY,
    words: `${momentWords(start, zone)} – now`,
    running: true,
  };
}

function days(from: Day, last: Day, today: Day): Bounds | null {
  const length = daysBetween(from, last) + 1;
  if (length < 1 || length > MOST_DAYS) return null;
  return { from, to: plusDays(last, 1), days: length, words: daysInWords(from, last), running: last >= today };
}

function moments(from: string, to: string, now: number, zone: string): Bounds | null {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  if (!(start < end) || (end - start) / DAY > MOST_DAYS) return null;
  return {
    from,
    to,
    days: (end - start) / DAY,
    words: `${momentWords(start, zone)} – ${momentWords(end, zone)}`,
    running: end > now,
  };
}

/** Whether a moment lies within them. */
export function holds({ from, to }: Pick<Bounds, "from" | "to">, moment: string, zone: string): boolean {
  const time = Date.parse(moment);
  const after = (bound: string) => (isDay(bound) ? todayIn(zone, time) >= bound : time >= Date.parse(bound));
  return after(from) && !after(to);
}

function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && dayjs.utc(text).format("YYYY-MM-DD") === text;
}

export function daysInWords(from: Day, last: Day): string {
  const [a, b] = [dayjs.utc(from), dayjs.utc(last)];
  if (from === last) return b.format("D MMM YYYY");
  if (a.year() !== b.year()) return `${a.format("D MMM YYYY")} – ${b.format("D MMM YYYY")}`;
  if (a.month() !== b.month()) return `${a.format("D MMM")} – ${b.format("D MMM YYYY")}`;
  return `${a.format("D")} – ${b.format("D MMM YYYY")}`;
}

function momentWords(moment: number, zone: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  }).format(moment);
}

// ── as it is typed ─────────────────────────────────────────────────────────────────────────────────────────────

const WORDS: Record<string, string> = {
  today: "today",
  yesterday: "yesterday",
  "this month": "mtd",
  "month to date": "mtd",
};
const TYPED_UNITS: Record<string, string> = { hour: "h", day: "d", week: "w", month: "m" };
const DATES = ["YYYY-MM-DD", "D MMM YYYY", "D MMMM YYYY", "MMM D YYYY", "MMMM D YYYY", "D.M.YYYY"];
const DATES_OF_A_YEAR = ["D MMM YYYY", "D MMMM YYYY", "MMM D YYYY", "MMMM D YYYY"];

/**
 * A range as somebody typed it: "last 6 weeks", "since 3 Mar", "1 mar – 14 mar", "2026-03-01 to 2026-03-14", "30d".
 * Null where it is not understood.
 */
export function rangeFromText(typed: string, zone: string, now: number): string | null {
  const text = typed.trim().toLowerCase().replace(/,/g, " ").replace(/\s+/g, " ");
  const today = todayIn(zone, now);
  const range = WORDS[text] ?? monthBefore(text, today) ?? lastOf(text) ?? betweenOf(text, today) ?? text;
  return boundsOf(range, zone, now) && range;
}

/** "last month" is the one that is over, where "last 2 months" has this one in it. */
function monthBefore(text: string, today: Day): string | null {
  if (!/^(?:the )?(?:last|previous) month$/.test(text)) return null;
  const first = dayjs.utc(today).startOf("month").subtract(1, "month");
  return `${first.format("YYYY-MM-DD")}..${first.endOf("month").format("YYYY-MM-DD")}`;
}

function lastOf(text: string): string | null {
  const found = /^(?:the )?(?:last|past) (\d{1,4})? ?(hour|day|week|month)s?$/.exec(text);
  return found ? `${found[1] ?? 1}${TYPED_UNITS[found[2] ?? ""]}` : null;
}

function betweenOf(text: string, today: Day): string | null {
  const since = /^(?:since|from) (.+)$/.exec(text);
  if (since && !/ (?:to|until) /.test(text)) {
    const from = dayOf(since[1] ?? "", today);
    return from && `${from}..`;
  }
  const parts = text.replace(/^from /, "").split(/ (?:to|until|-|–) |\.\.|–/);
  const [from, to] = [dayOf(parts[0] ?? "", today), dayOf(parts[1] ?? parts[0] ?? "", today)];
  return from && to && parts.length <= 2 ? `${from}..${to}` : null;
}

function dayOf(text: string, today: Day): Day | null {
  const plain = text.trim();
  if (plain === "today") return today;
  if (plain === "yesterday") return plusDays(today, -1);
  for (const format of DATES) {
    const found = dayjs.utc(capitalised(plain), format, true);
    if (found.isValid()) return found.format("YYYY-MM-DD");
  }
  // Without a year, the last such day is meant.
  for (const year of [Number(today.slice(0, 4)), Number(today.slice(0, 4)) - 1]) {
    for (const format of DATES_OF_A_YEAR) {
      const found = dayjs.utc(capitalised(`${plain} ${year}`), format, true);
      if (found.isValid() && found.format("YYYY-MM-DD") <= today) return found.format("YYYY-MM-DD");
    }
  }
  return null;
}

function capitalised(text: string): string {
  return text.replace(/[a-z]+/g, (word) => word.charAt(0).toUpperCase() + word.slice(1));
}

/** The range of the same length just before or after; null where that lies ahead. */
export function movedRange(range: string, steps: -1 | 1, zone: string, now: number): string | null {
  const bounds = boundsOf(range, zone, now);
  if (!bounds) return null;
  if (isDay(bounds.from)) {
    const length = daysBetween(bounds.from, bounds.to);
    const from = plusDays(bounds.from, steps * length);
    return from > todayIn(zone, now) ? null : `${from}..${plusDays(from, length - 1)}`;
  }
  const [start, end] = [Date.parse(bounds.from), Date.parse(bounds.to)];
  const move = steps * (end - start);
  if (start + move > now) return null;
  return `${new Date(start + move).toISOString()}..${new Date(end + move).toISOString()}`;
}

/**
 * The range of some buckets of an answer, from one to another, both included. None comes after the last, which ends where
 * the days that were asked about end, or is as long as the one before it.
 */
export function rangeOfBuckets(buckets: readonly string[], first: number, last: number, asked: Bounds): string | null {
  const [from, final, after] = [buckets[first], buckets[last], buckets[last + 1]];
  if (from === undefined || final === undefined) return null;
  if (after !== undefined) return `${from}..${after}`;
  const before = buckets[last - 1];
  const step = before === undefined ? 0 : Date.parse(final) - Date.parse(before);
  if (isDay(asked.to) && step >= DAY - 2 * HOUR) return `${from.slice(0, 10)}..${plusDays(asked.to, -1)}`;
  if (step > 0) return `${from}..${new Date(Date.parse(final) + step).toISOString()}`;
  return isDay(asked.to) ? null : `${from}..${asked.to}`;
}

// ── buckets ────────────────────────────────────────────────────────────────────────────────────────────────────

const INTERVALS: readonly { interval: Interval; from: number; to: number }[] = [
  { interval: "minute", from: 0, to: 0.5 },
  { interval: "five_minutes", from: 0, to: 2 },
  { interval: "fifteen_minutes", from: 0, to: 4 },
  { interval: "hour", from: 0.1, to: 31 },
  { interval: "day", from: 1, to: 1000 },
  { interval: "week", from: 8, to: 4000 },
  { interval: "month", from: 32, to: 4000 },
  { interval: "quarter", from: 100, to: 4000 },
  { interval: "year", from: 366, to: 4000 },
];

/** Those that make a picture of some buckets, and not of thousands. */
export function intervalsFor(days: number): Interval[] {
  return INTERVALS.filter(({ from, to }) => from < days && days <= to).map(({ interval }) => interval);
}

export function defaultInterval(days: number): Interval {
  if (days <= 2) return days <= 0.1 ? "minute" : "hour";
  if (days <= 92) return "day";
  return days <= 400 ? "week" : "month";
}

/** Without values of buckets that lie ahead: nothing has happened there yet, which is not that nothing happens. */
export function untilNow<V>(values: readonly V[], buckets: readonly string[], now: string): (V | null)[] {
  const at = Date.parse(now);
  return values.map((value, place) => (Date.parse(buckets[place] ?? "") > at ? null : value));
}
