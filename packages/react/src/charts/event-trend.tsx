/** S1's trend of one event, on a page of somebody's own: events and people over 24 hours, 7, 30 or 90 days. */

import { useState } from "react";
import { type Source, useAnswer } from "./answer.js";
import { ChartCard } from "./card.js";
import { LineChart } from "./line.js";
import { useTones } from "./tones.js";

export interface EventTrendChartProps extends Source {
  event: string;
  title: string;
  /** What is shown first. */
  range?: TrendRange;
}

export type TrendRange = "24h" | "7d" | "30d" | "90d";

interface Row {
  label: string;
  days: number;
  interval: "hour" | "day";
}

const RANGES: Record<TrendRange, Row> = {
  "24h": { label: "24H", days: 1, interval: "hour" },
  "7d": { label: "7D", days: 7, interval: "hour" },
  "30d": { label: "30D", days: 30, interval: "day" },
  "90d": { label: "90D", days: 90, interval: "day" },
};
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Whole hours back from the one that goes on, or whole days of the project's calendar back from today. */
export function rangeOf({ days, interval }: Pick<Row, "days" | "interval">, now: Date) {
  // The question stays the same until the next hour or day.
  const end = Math.ceil(now.getTime() / HOUR) * HOUR;
  if (interval === "hour") return { from: end - days * DAY, to: end };
  const today = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate());
  const date = (at: number) => new Date(at).toISOString().slice(0, 10);
  return { from: date(today - (days - 1) * DAY), to: date(today + DAY) };
}

interface Trend {
  buckets: string[];
  incomplete: boolean[];
  series: { values: (number | null)[]; total: number | null }[];
}

export function EventTrendChart({ event, title, range: first = "7d", url, statsKey }: EventTrendChartProps) {
  const [range, setRange] = useState<TrendRange>(first);
  const { interval } = RANGES[range];
  const asked = useAnswer<Trend>(
    "/api/insights/trend",
    { url, statsKey },
    {
      series: [
        { event, measure: "count" },
        { event, measure: "unique_users" },
      ],
      interval,
      ...rangeOf(RANGES[range], new Date()),
    },
  );
  const [events, people] = asked.data?.series ?? [];
  const told = (label: string) => label.slice(0, interval === "hour" ? 16 : 10).replace("T", " ");
  const said = `${number(events?.total)} events of ${number(people?.total)} people.`;
  return (
    <ChartCard
      title={title}
      choice={<Ranges range={range} pick={setRange} />}
      asked={asked}
      table={
        asked.data && {
          columns: ["Time", "Events", "Unique users"],
          rows: asked.data.buckets.map((bucket, place) => [
            told(bucket),
            events?.values[place] ?? null,
            people?.values[place] ?? null,
          ]),
        }
      }
    >
      {asked.data && (
        <LineChart
          name={title}
          summary={said}
          labels={asked.data.buckets}
          incomplete={asked.data.incomplete}
          label={(label) => (interval === "hour" && range === "24h" ? label.slice(11, 16) : label.slice(5, 10))}
          fullLabel={told}
          series={[
            { name: "Events", values: events?.values ?? [] },
            { name: "Unique users", values: people?.values ?? [] },
          ]}
        />
      )}
    </ChartCard>
  );
}

function Ranges({ range, pick }: { range: TrendRange; pick: (range: TrendRange) => void }) {
  const tones = useTones();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <div role="group" aria-label="Range" style={{ display: "flex", gap: 4 }}>
      {(Object.keys(RANGES) as TrendRange[]).map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={one === range}
          onClick={() => pick(one)}
          style={{
            padding: "4px 12px",
            borderRadius: 4,
            border: `1px solid ${tones.line}`,
            cursor: "pointer",
            font: "inherit",
            background: one === range ? tones.ink : tones.ground,
            color: one === range ? tones.ground : tones.ink,
          }}
        >
          {RANGES[one].label}
        </button>
      ))}
    </div>
  );
}

function number(value: number | null | undefined): string {
  return value == null ? "no" : value.toLocaleString("en-US");
}
