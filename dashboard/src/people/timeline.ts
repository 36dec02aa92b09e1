/** Sessions as timelines: where each moment lies, how long nothing happened, and which days had something. */

import type { Schemas } from "../api/types";
import { plusDays } from "../state/range";

type Moment = Schemas["Moment"];

export interface Point {
  moment: Moment;
  /** Seconds since the one before; 0 for the first. */
  after: number;
  /** Where it lies in its session, from 0 to 1. */
  at: number;
}

/** Seconds without anything that are told. */
export const PAUSE = 60;

export function pointsOf(timeline: readonly Moment[]): Point[] {
  const times = timeline.map((moment) => Date.parse(moment.timestamp));
  const start = times[0] ?? 0;
  const length = (times.at(-1) ?? start) - start;
  return timeline.map((moment, place) => {
    const time = times[place] ?? start;
    return {
      moment,
      after: (time - (times[place - 1] ?? time)) / 1000,
      at: length > 0 ? (time - start) / length : 0,
    };
  });
}

interface Span {
  started: string;
  duration_s: number;
}

/** Seconds between the end of the earlier of two sessions and the start of the later one. */
export function between(later: Span, earlier: Span): number {
  const end = Date.parse(earlier.started) + earlier.duration_s * 1000;
  return Math.max(0, (Date.parse(later.started) - end) / 1000);
}

/** Every day from the first to the last, those without events too. */
export function everyDay(days: readonly Schemas["Day"][]): { day: string; events: number }[] {
  const counts = new Map(days.map(({ day, events }) => [day.slice(0, 10), events]));
  const [first, last] = [days[0], days.at(-1)].map((one) => one?.day.slice(0, 10));
  const every: { day: string; events: number }[] = [];
  if (first === undefined || last === undefined) return every;
  for (let day = first; day <= last; day = plusDays(day, 1)) every.push({ day, events: counts.get(day) ?? 0 });
  return every;
}
