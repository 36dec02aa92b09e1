/** Spans of time as ISO 8601 writes them (`P14D`, `PT30M`), and as people do: so many of one unit. */

export type SpanUnit = "seconds" | "minutes" | "hours" | "days" | "weeks";

export interface Span {
  count: number;
  unit: SpanUnit;
}

interface UnitRow {
  seconds: number;
  one: string;
  /** Around the number. */
  iso: readonly [string, string];
}

/** Biggest first. */
export const SPAN_UNITS: Readonly<Record<SpanUnit, UnitRow>> = {
  weeks: { seconds: 604_800, one: "week", iso: ["P", "W"] },
  days: { seconds: 86_400, one: "day", iso: ["P", "D"] },
  hours: { seconds: 3600, one: "hour", iso: ["PT", "H"] },
  minutes: { seconds: 60, one: "minute", iso: ["PT", "M"] },
  seconds: { seconds: 1, one: "second", iso: ["PT", "S"] },
};

const ISO = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/;
const UNITS = Object.keys(SPAN_UNITS) as SpanUnit[];

/** In the unit in which it is written, or in the biggest that it is whole in; null for what is no span. */
export function spanOf(text: string): Span | null {
  const parts = ISO.exec(text)?.slice(1);
  const told = UNITS.flatMap((unit, place) => (parts?.[place] ? [{ unit, count: Number(parts[place]) }] : []));
  const [only] = told;
  if (told.length === 1 && only && only.count > 0) return only;
  const seconds = told.reduce((sum, { unit, count }) => sum + count * SPAN_UNITS[unit].seconds, 0);
  if (seconds <= 0) return null;
  const unit = UNITS.find((one) => Number.isInteger(seconds / SPAN_UNITS[one].seconds)) ?? "seconds";
  return { unit, count: seconds / SPAN_UNITS[unit].seconds };
}

export function isoOf({ count, unit }: Span): string {
  const [before, after] = SPAN_UNITS[unit].iso;
  return `${before}${count}${after}`;
}

export function secondsOf({ count, unit }: Span): number {
  return count * SPAN_UNITS[unit].seconds;
}

/** "14 days", "1 hour"; what is no span, as it is. */
export function spanWords(text: string): string {
  const span = spanOf(text);
  if (!span) return text;
  const { one } = SPAN_UNITS[span.unit];
  return `${span.count.toLocaleString("en-US")} ${span.count === 1 ? one : `${one}s`}`;
}
