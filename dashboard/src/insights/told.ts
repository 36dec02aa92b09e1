/**
 * What is told of a question with its answer. A link that was shared shows answers and no question (ADR 0062), and a
 * picture wants to know a few things: how it was counted, which the server says, and what can be read off the answer.
 */

import type { Insights, Interval, Kind, Schemas } from "../api/types";
import type { InsightKind, Own } from "./kind";

type Told = Record<string, unknown>;

/** How it was counted: as the server says it beside an answer. */
export type Counted = Schemas["Told"];

/** By kind: what can be read off. What is not here is as a page opens with it. */
const TOLD: { [K in Kind]?: (answer: Insights[K]["answer"]) => Told } = {
  trend: ({ series }) => {
    const names = [...new Set(series.map((line) => line.name))];
    return { series: names.map((event) => ({ event, name: event })), breakdown: [] };
  },
  funnel: ({ steps }) => ({ steps: steps.map(({ event }) => ({ event })) }),
};

export function toldOwn<K extends Kind>(row: InsightKind<K>, answer: Insights[K]["answer"], counted: Counted): Own<K> {
  const told = TOLD[row.kind] as ((answer: Insights[K]["answer"]) => Told) | undefined;
  const { window, by } = counted;
  return { ...row.opening([]), ...told?.(answer), ...(window && { window }), ...(by && { by }) } as Own<K>;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Up to how far two buckets lie apart; a day has 23 to 25 hours. */
const SPANS: readonly (readonly [number, Interval])[] = [
  [HOUR / 60, "minute"],
  [HOUR / 12, "five_minutes"],
  [HOUR / 4, "fifteen_minutes"],
  [HOUR, "hour"],
  [25 * HOUR, "day"],
  [8 * DAY, "week"],
  [31.5 * DAY, "month"],
  [93 * DAY, "quarter"],
  [367 * DAY, "year"],
];

/** The buckets of an answer: their interval, and how many days they span. One alone says neither by itself. */
export function toldTime(answer: unknown, counted?: Counted): { interval: Interval; days: number } {
  const found = readTime(answer);
  return { ...found, interval: (counted?.interval as Interval | null | undefined) ?? found.interval };
}

function readTime(answer: unknown): { interval: Interval; days: number } {
  const starts = bucketsOf(answer).map((label) => Date.parse(label));
  const gaps = starts.slice(1).map((start, place) => start - (starts[place] ?? start));
  if (gaps.length === 0) return { interval: "day", days: 1 };
  // The first of a range may be cut: the usual gap is that in the middle.
  const gap = gaps.sort((one, other) => one - other)[Math.floor(gaps.length / 2)] ?? DAY;
  return {
    interval: SPANS.find(([most]) => gap <= most)?.[1] ?? "year",
    days: ((starts.at(-1) ?? 0) - (starts[0] ?? 0) + gap) / DAY,
  };
}

interface Timed {
  buckets?: string[] | null;
  cohorts?: { bucket: string }[];
  over_time?: { bucket: string }[] | null;
  trend?: { buckets: string[] };
}

function bucketsOf(answer: unknown): string[] {
  const { buckets, cohorts, over_time, trend } = answer as Timed;
  return buckets ?? trend?.buckets ?? (cohorts ?? over_time ?? []).map(({ bucket }) => bucket);
}
