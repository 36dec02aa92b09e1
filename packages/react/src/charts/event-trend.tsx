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
  hours: number;
  interval: "hour" | "day";
}

const RANGES: Record<TrendRange, Row> = {
  "24h": { label: "24H", hours: 24, interval: "hour" },
  "7d": { label: "7D", hours: 7 * 24, interval: "hour" },
  "30d": { label: "30D", hours: 30 * 24, interval: "day" },
  "90d": { label: "90D", hours: 90 * 24, interval: "day" },
};
const HOUR = 3_600_000;

interface Trend {
  buckets: string[];
  incomplete: boolean[];
  series: { values: (number | null)[]; total: number | null }[];
}

export function EventTrendChart({ event, title, range: first = "7d", url, statsKey }: EventTrendChartProps) {
  const [range, setRange] = useState<TrendRange>(first);
  const { hours, interval } = RANGES[range];
  // To the end of the hour that goes on, so that a question stays the same for as long.
  const to = Math.ceil(Date.now() / HOUR) * HOUR;
  const asked = useAnswer<Trend>(
    "/api/insights/trend",
    { url, statsKey },
    {
      series: [
        { event, measure: "count" },
        { event, measure: "unique_users" },
      ],
      interval,
      from: to - hours * HOUR,
      to,
    },
  );
  const [events, people] = asked.data?.series ?? [];
  const said = `${number(events?.total)} events of ${number(people?.total)} people.`;
  return (
    <ChartCard title={title} choice={<Ranges range={range} pick={setRange} />} asked={asked}>
      {asked.data && (
        <LineChart
          name={title}
          summary={said}
          labels={asked.data.buckets}
          incomplete={asked.data.incomplete}
          label={(label) => (interval === "hour" && range === "24h" ? label.slice(11, 16) : label.slice(5, 10))}
          fullLabel={(label) => label.slice(0, interval === "hour" ? 16 : 10).replace("T", " ")}
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
