/** Trends: a number over time, several beside each other, and formulas of them. */

import { ActionIcon, Button, Group, NumberInput, Select, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { Copy, Plus, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import type { Insights } from "../api/types";
import { LineChart } from "../charts";
import { Breakdowns, wholeBreakdowns } from "../parts/breakdowns";
import { Filters } from "../parts/filters";
import { EventPicker, PropertyPicker } from "../parts/pickers";
import { brief, bucketLong, bucketShort, change as changeWords, count, eventName, valueName } from "../state/words";
import { notesAt } from "./happenings";
import type { Column, FormProps, InsightKind, Own, PictureProps, Row } from "./kind";

type Request = Insights["trend"]["request"];
type Series = Request["series"][number];
type Measure = NonNullable<Series["measure"]>;

interface MeasureRow {
  text: string;
  /** Of a property of the event. */
  ofProperty?: boolean;
}

/** Every measure, as one says it (`semantics.md`, R5 to R12). */
export const MEASURES: Record<Measure, MeasureRow> = {
  count: { text: "events" },
  unique_users: { text: "people" },
  unique_sessions: { text: "sessions" },
  started_sessions: { text: "sessions that began" },
  per_user: { text: "events per person" },
  sum: { text: "sum of", ofProperty: true },
  avg: { text: "average of", ofProperty: true },
  min: { text: "least", ofProperty: true },
  max: { text: "most", ofProperty: true },
  p50: { text: "median of", ofProperty: true },
  p90: { text: "90th percentile of", ofProperty: true },
  p95: { text: "95th percentile of", ofProperty: true },
  p99: { text: "99th percentile of", ofProperty: true },
  cumulative_users: { text: "people so far" },
  wau: { text: "people within 7 days" },
  mau: { text: "people within 30 days" },
};

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const MOST_SERIES = 26;
const MOST_DRAWN = 25;

function Form({ own, change }: FormProps<"trend">) {
  const put = (place: number, changed: Series) =>
    change({ ...own, series: own.series.map((one, at) => (at === place ? changed : one)) as Own<"trend">["series"] });
  const add = (one: Series) => change({ ...own, series: [...own.series, one] });
  return (
    <Stack gap="sm">
      {own.series.map((series, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a series is its place
        <SeriesFields key={place} letter={LETTERS[place] ?? ""} series={series} put={(changed) => put(place, changed)}>
          <Tooltip label="Ask it twice">
            <ActionIcon
              size={30}
              aria-label={`Duplicate series ${LETTERS[place]}`}
              disabled={own.series.length >= MOST_SERIES}
              onClick={() => add(series)}
            >
              <Copy size={14} />
            </ActionIcon>
          </Tooltip>
          <ActionIcon
            size={30}
            aria-label={`Remove series ${LETTERS[place]}`}
            disabled={own.series.length === 1}
            onClick={() => change({ ...own, series: own.series.filter((_, at) => at !== place) })}
          >
            <Trash2 size={14} />
          </ActionIcon>
        </SeriesFields>
      ))}
      <Group gap="xs" align="end">
        <Button
          variant="default"
          leftSection={<Plus size={14} />}
          disabled={own.series.length >= MOST_SERIES}
          onClick={() => add({ event: own.series.at(-1)?.event ?? "*", measure: "count" })}
        >
          Series
        </Button>
        <Breakdowns
          most={3}
          event={own.series[0]?.event ?? "*"}
          breakdowns={own.breakdown ?? []}
          onChange={(breakdown) => change({ ...own, breakdown })}
        />
        {own.series.length > 1 && (
          <TextInput
            label="Formula"
            placeholder="B/A"
            w={110}
            value={own.formula ?? ""}
            onChange={(typed) => {
              const { formula: _, ...rest } = own;
              const formula = typed.currentTarget.value.toUpperCase();
              change(formula === "" ? rest : { ...rest, formula });
            }}
          />
        )}
        <NumberInput
          label="Average over"
          placeholder="no"
          suffix=" buckets"
          w={120}
          min={2}
          max={366}
          value={own.moving_average ?? ""}
          onChange={(typed) => {
            const { moving_average: _, ...rest } = own;
            change(typeof typed === "number" && typed >= 2 ? { ...rest, moving_average: typed } : rest);
          }}
        />
      </Group>
    </Stack>
  );
}

interface SeriesFieldsProps {
  letter: string;
  series: Series;
  put: (series: Series) => void;
  children: ReactNode;
}

function SeriesFields({ letter, series, put, children }: SeriesFieldsProps) {
  const measure = series.measure ?? "count";
  return (
    <Group gap="xs" align="center">
      <Text fw={600} c="dimmed" w={14} aria-hidden>
        {letter}
      </Text>
      <Group w={220} grow>
        <EventPicker
          bare
          label={`Event of series ${letter}`}
          value={series.event}
          onChange={(event) => put({ ...series, event })}
        />
      </Group>
      <Select
        aria-label={`Measure of series ${letter}`}
        w={180}
        value={measure}
        allowDeselect={false}
        maxDropdownHeight={360}
        data={Object.entries(MEASURES).map(([value, { text }]) => ({ value, label: text }))}
        onChange={(chosen) => {
          const { property: _, ...rest } = series;
          const next = (chosen ?? "count") as Measure;
          put(MEASURES[next].ofProperty ? { ...series, measure: next } : { ...rest, measure: next });
        }}
      />
      {MEASURES[measure].ofProperty && (
        <Group w={200} grow>
          <PropertyPicker
            bare
            numbers
            label={`Property of series ${letter}`}
            event={series.event}
            value={series.property ?? ""}
            onChange={(property) => put({ ...series, property })}
          />
        </Group>
      )}
      <Filters
        label="where"
        event={series.event}
        filters={series.filters ?? []}
        onChange={(filters) => put({ ...series, filters })}
      />
      <TextInput
        aria-label={`Name of series ${letter}`}
        placeholder="Name"
        w={110}
        value={series.name ?? ""}
        onChange={(typed) => {
          const { name: _, ...rest } = series;
          const name = typed.currentTarget.value;
          put(name === "" ? rest : { ...rest, name });
        }}
      />
      <Group gap={2} ml="auto">
        {children}
      </Group>
    </Group>
  );
}

type SeriesAnswer = Insights["trend"]["answer"]["series"][number];

/** What one line of an answer is called: by its breakdown, and by its series where there are several. */
export function lineName(line: SeriesAnswer, own: Own<"trend">): string {
  const values = line.breakdown?.map(valueName).join(", ");
  const name = lineTitle(line.name, own);
  if (values === undefined) return name;
  return own.series.length > 1 ? `${name}: ${values}` : values;
}

function lineTitle(name: string, own: Own<"trend">): string {
  const asked = own.series.filter((one) => (one.name ?? one.event) === name);
  const [one] = asked;
  if (!one || one.name) return eventName(name);
  return `${eventName(one.event)}, ${measureWords(one)}`;
}

function measureWords(series: Series): string {
  const row = MEASURES[series.measure ?? "count"];
  return row.ofProperty ? `${row.text} ${series.property ?? "?"}` : row.text;
}

/** The place in the question of the series that each line answers; null for a formula's result, which has no list. */
function seriesOf(answer: Insights["trend"]["answer"], own: Own<"trend">): (number | null)[] {
  const series = own.series.length;
  const groups = series + (own.formula ? 1 : 0);
  const lines = answer.series.length;
  // With a breakdown, each series has as many rows; without, each has one.
  return answer.series.map((_, place) => {
    const group = Math.floor(place / Math.max(1, lines / groups));
    return group < series ? group : null;
  });
}

function pointersOf(answer: Insights["trend"]["answer"], own: Own<"trend">) {
  const places = seriesOf(answer, own);
  return (line: number, bucket?: string): Insights["trend"]["pointer"] | null => {
    const series = places[line];
    const breakdown = answer.series[line]?.breakdown;
    if (series == null) return null;
    return { series, ...(bucket !== undefined && { bucket }), ...(breakdown && { breakdown }) };
  };
}

function Picture({ answer, own, interval, days, pick, zoom, notes = [] }: PictureProps<"trend">) {
  const lines = answer.series.slice(0, MOST_DRAWN);
  const pointer = pointersOf(answer, own);
  return (
    <LineChart
      name="Trend"
      summary={sentence(answer, own)}
      labels={answer.buckets}
      incomplete={answer.incomplete}
      series={lines.map((line) => ({
        name: lineName(line, own),
        values: line.values,
        previous: line.previous,
        average: line.moving_average,
      }))}
      notes={notesAt(notes, answer.buckets)}
      label={(label) => bucketShort(label, interval, days)}
      fullLabel={(label) => bucketLong(label, interval)}
      format={count}
      axisFormat={brief}
      height={300}
      onPick={
        pick &&
        (({ series, index }) => {
          const bucket = answer.buckets[index];
          const line = lines[series];
          const found = bucket === undefined ? null : pointer(series, bucket);
          if (found && line && bucket !== undefined) {
            pick(found, `${lineName(line, own)} · ${bucketLong(bucket, interval)}`);
          }
        })
      }
      onZoom={
        zoom &&
        ((first, last) => {
          const from = answer.buckets[first];
          // The bucket after the last that was marked is where the new range ends; none after it: the old end stays.
          const to = answer.buckets[last + 1];
          if (from !== undefined && to !== undefined) zoom(from, to);
        })
      }
    />
  );
}

function table(answer: Insights["trend"]["answer"], own: Own<"trend">, interval: PictureProps<"trend">["interval"]) {
  const pointer = pointersOf(answer, own);
  const columns: Column[] = [
    { title: "Time", as: "text" },
    ...answer.series.map((line): Column => ({ title: lineName(line, own), as: "number" })),
  ];
  const rows = answer.buckets.map(
    (bucket, at): Row<"trend"> => ({
      cells: [bucketLong(bucket, interval), ...answer.series.map((line) => line.values[at] ?? null)],
      pointers: [null, ...answer.series.map((_, line) => pointer(line, bucket))],
      open: answer.incomplete[at] ?? false,
    }),
  );
  const total: Row<"trend"> = {
    cells: ["The whole range", ...answer.series.map((line) => line.total)],
    pointers: [null, ...answer.series.map((_, line) => pointer(line))],
  };
  return { columns, rows, total };
}

function sentence(answer: Insights["trend"]["answer"], own: Own<"trend">): string {
  const said = answer.series.slice(0, 3).map((line) => {
    const moved = typeof line.change === "number" ? ` (${changeWords(line.change)} against before)` : "";
    return `${lineName(line, own)}: ${line.total === null ? "none" : count(line.total)}${moved}`;
  });
  const more = answer.series.length - said.length;
  return `${said.join("; ")}${more > 0 ? `; and ${more} more` : ""}.`;
}

export const trend: InsightKind<"trend"> = {
  kind: "trend",
  title: "Trend",
  meaning:
    "Events that match, in buckets of the project's time zone, both ends as shown. People are counted once however many devices and names they have; a total of people counts each once in the whole range, so it is no sum of the buckets. Bots are left out unless asked for.",
  takes: { interval: true, compare: true },
  lists: ["people", "events", "sessions"],
  opening: (events) => ({
    series: [{ event: events.find((one) => one === "page_view") ?? events[0] ?? "*", measure: "count" }],
  }),
  Form,
  Picture,
  table,
  sentence,
  isEmpty: (answer) => answer.series.every((line) => line.values.every((value) => !value)),
};

/** What is asked while a field is still empty: everything but that field. */
export function ready(own: Own<"trend">): Own<"trend"> {
  return { ...own, breakdown: wholeBreakdowns(own.breakdown) };
}
