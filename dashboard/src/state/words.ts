/** Numbers, times and names as people read them. */

import type { Interval } from "../api/types";

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const share = new Intl.NumberFormat("en-US", { style: "percent", maximumFractionDigits: 1 });

/** Exact: 1,234 or 0.25. */
export function count(value: number): string {
  return whole.format(value);
}

/** A difference: +1,234 or -56. */
export function signed(value: number): string {
  return `${value > 0 ? "+" : ""}${whole.format(value)}`;
}

/** 1,234 or 12.3K; the exact number belongs into a title beside it. */
export function brief(value: number): string {
  return Math.abs(value) < 10_000 ? whole.format(value) : short.format(value);
}

/** A fraction as percent. */
export function percent(rate: number | null): string {
  return rate === null ? "–" : share.format(rate);
}

/** A change, which the API gives in percent. */
export function change(value: number): string {
  // What rounds to nothing has no sign.
  const rounded = (Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 10) / 10) || 0;
  return `${rounded > 0 ? "+" : ""}${whole.format(rounded)} %`;
}

/** 0.4 s, 12 s, 3 m 07 s, 2 h 05 m. */
export function duration(seconds: number | null): string {
  if (seconds === null) return "–";
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  const all = Math.round(seconds);
  if (all < 60) return `${all} s`;
  const two = (value: number) => String(value).padStart(2, "0");
  if (all < 3600) return `${Math.floor(all / 60)} m ${two(all % 60)} s`;
  if (all < 172_800) return `${Math.floor(all / 3600)} h ${two(Math.floor((all % 3600) / 60))} m`;
  return `${Math.floor(all / 86_400)} d ${two(Math.floor((all % 86_400) / 3600))} h`;
}

/** "1 event", "2 events". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

interface Stamp {
  year: number;
  month: string;
  monthNumber: number;
  day: number;
  clock: string;
  offset: string;
  date: string;
}

/** The label of a bucket as its own zone reads it: its offset is in it, so nothing is converted. */
function stampOf(label: string): Stamp {
  const monthNumber = Number(label.slice(5, 7));
  return {
    year: Number(label.slice(0, 4)),
    month: MONTHS[monthNumber - 1] ?? "",
    monthNumber,
    day: Number(label.slice(8, 10)),
    clock: label.slice(11, 16),
    offset: label.slice(19),
    date: label.slice(0, 10),
  };
}

const UNDER_A_DAY: readonly Interval[] = ["minute", "five_minutes", "fifteen_minutes", "hour"];

/** A bucket as an axis says it; `span` is how many days the axis has. */
export function bucketShort(label: string, interval: Interval, span: number): string {
  const { year, month, monthNumber, day, clock } = stampOf(label);
  if (UNDER_A_DAY.includes(interval)) return span > 1.1 && clock === "00:00" ? `${day} ${month}` : clock;
  if (interval === "year") return String(year);
  if (interval === "quarter") return `Q${Math.ceil(monthNumber / 3)} ${year}`;
  if (interval === "month") return `${month} ${year}`;
  return `${day} ${month}`;
}

/** A bucket by itself. */
export function bucketLong(label: string, interval: Interval): string {
  const { year, month, monthNumber, day, clock, offset, date } = stampOf(label);
  const weekday = new Date(`${date}T00:00:00Z`).toLocaleDateString("en-GB", { weekday: "short", timeZone: "UTC" });
  if (UNDER_A_DAY.includes(interval)) return `${weekday} ${day} ${month} ${year}, ${clock} (${offset})`;
  if (interval === "year") return String(year);
  if (interval === "quarter") return `Q${Math.ceil(monthNumber / 3)} ${year}`;
  if (interval === "month") return `${month} ${year}`;
  return `${interval === "week" ? "Week of " : ""}${weekday} ${day} ${month} ${year}`;
}

/** A moment in the project's zone. */
export function momentIn(zone: string, moment: string, seconds = false): string {
  return new Date(moment).toLocaleString("en-GB", {
    timeZone: zone,
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds && { second: "2-digit" }),
  });
}

/** The time of day of a moment, in the project's zone: 14:03:07. */
export function timeIn(zone: string, moment: string): string {
  return new Date(moment).toLocaleTimeString("en-GB", { timeZone: zone });
}

/** "just now", "2 s ago", "3 h ago". */
export function ago(seconds: number): string {
  if (seconds < 1) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ago`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** What people call an event: `*` is every one of them. */
export function eventName(event: string): string {
  return event === "*" ? "All events" : event;
}

/** A value of a breakdown: the API's own words for what has none and for the rest. */
export function valueName(value: string): string {
  return { $not_set: "(not set)", $other: "Other" }[value] ?? (value === "" ? "(empty)" : value);
}

const INTERVAL_NAMES: Record<Interval, string> = {
  minute: "minute",
  five_minutes: "5 minutes",
  fifteen_minutes: "15 minutes",
  hour: "hour",
  day: "day",
  week: "week",
  month: "month",
  quarter: "quarter",
  year: "year",
};

export function intervalName(interval: Interval): string {
  return INTERVAL_NAMES[interval];
}

/** What the series of a question are called, in their order. */
export const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
