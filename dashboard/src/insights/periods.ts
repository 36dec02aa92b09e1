/** Buckets as one counts them: "Day 3", "2 weeks". */

import type { Interval } from "../api/types";
import { count } from "../state/words";

interface PeriodRow {
  /** So many of them after the start. */
  after: (periods: number) => string;
  one: string;
  many: string;
}

const PERIODS: Record<Interval, PeriodRow> = {
  minute: { after: (n) => `${n} min`, one: "minute", many: "minutes" },
  five_minutes: { after: (n) => `${5 * n} min`, one: "stretch of 5 minutes", many: "stretches of 5 minutes" },
  fifteen_minutes: { after: (n) => `${15 * n} min`, one: "quarter of an hour", many: "quarters of an hour" },
  hour: { after: (n) => `${n} h`, one: "hour", many: "hours" },
  day: { after: (n) => `Day ${n}`, one: "day", many: "days" },
  week: { after: (n) => `Week ${n}`, one: "week", many: "weeks" },
  month: { after: (n) => `Month ${n}`, one: "month", many: "months" },
  quarter: { after: (n) => `Quarter ${n}`, one: "quarter", many: "quarters" },
  year: { after: (n) => `Year ${n}`, one: "year", many: "years" },
};

/** "Day 3": so many buckets after the one of the start. */
export function periodName(periods: number, interval: Interval): string {
  return PERIODS[interval].after(periods);
}

/** "1 day", "3 days". */
export function bucketsWords(buckets: number, interval: Interval): string {
  const { one, many } = PERIODS[interval];
  return `${count(buckets)} ${buckets === 1 ? one : many}`;
}

/** The interval by itself: "day". */
export function bucketWord(interval: Interval): string {
  return PERIODS[interval].one;
}
