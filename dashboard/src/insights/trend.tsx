/** Trends: a number over time, several beside each other, and formulas of them. */

import { ActionIcon, Button, Group, Select, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { Copy, Plus, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import type { Insights, Unit } from "../api/types";
import { LineChart } from "../charts";
import { CommonFields } from "../parts/common-fields";
import { Filters } from "../parts/filters";
import { NumberField } from "../parts/number-field";
import { EventPicker, PropertyPicker } from "../parts/pickers";
import { untilNow } from "../state/range";
import { without } from "../state/view";
import {
  brief,
  bucketLong,
  bucketShort,
  change as changeWords,
  count,
  eventName,
  LETTERS,
  valueName,
} from "../state/words";
import { notesAt } from "./happenings";
import type { Column, FormProps, InsightKind, Own, PictureProps, Row } from "./kind";
import { isEvent, wholeCommon } from "./whole";

type Request = Insights["trend"]["request"];
type Series = Request["series"][number];
type Measure = NonNullable<Series["measure"]>;

interface MeasureRow {
  text: string;
  /** What is counted, or taken over. */
  unit: Unit;
  /** Of a property of the event. */
  ofProperty?: boolean;
}

/** Every measure, as one says it (R30). */
export const MEASURES: Record<Measure, MeasureRow> = {
  count: { text: "events", unit: "events" },
  unique_users: { text: "people", unit: "people" },
  unique_sessions: { text: "sessions", unit: "sessions" },
  started_sessions: { text: "sessions that began", unit: "sessions" },
  per_user: { text: "events per person", unit: "people" },
  sum: { text: "sum of", unit: "events", ofProperty: true },
  avg: { text: "average of", unit: "events", ofProperty: true },
  min: { text: "least", unit: "events", ofProperty: true },
  max: { text: "most", unit: "events", ofProperty: true },
  p50: { text: "median of", unit: "events", ofProperty: true },
  p90: { text: "90th percentile of", unit: "events", ofProperty: true },
  p95: { text: "95th percentile of", unit: "events", ofProperty: true },
  p99: { text: "99th percentile of", unit: "events", ofProperty: true },
  cumulative_users: { text: "people so far", unit: "people" },
  wau: { text: "people within 7 days", unit: "people" },
  mau: { text: "people within 30 days", unit: "people" },
};

const MOST_SERIES = LETTERS.length;
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
      <CommonFields own={own} change={change} event={own.series[0]?.event ?? "*"} most={3}>
        <Button
          variant="default"
          leftSection={<Plus size={14} />}
          disabled={own.series.length >= MOST_SERIES}
          onClick={() => add({ event: own.series.at(-1)?.event ?? "*", measure: "count" })}
        >
          Series
        </Button>
        {(own.series.length > 1 || own.formula) && (
          <TextInput
            label="Formula"
            placeholder="B/A"
            w={110}
            value={own.formula ?? ""}
            error={own.formula && !isFormula(own.formula, own) ? "Such as B/A" : undefined}
            onChange={(typed) => {
              const formula = typed.currentTarget.value.toUpperCase();
              change(formula === "" ? without(own, "formula") : { ...own, formula });
            }}
          />
        )}
        <NumberField
          label="Average over"
          placeholder="no"
          suffix=" buckets"
          w={120}
          min={2}
          max={366}
          value={own.moving_average ?? ""}
          onChange={(typed) =>
            change(
              typeof typed === "number" && typed >= 2
                ? { ...own, moving_average: typed }
                : without(own, "moving_average"),
            )
          }
        />
      </CommonFields>
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
          const next = { ...series, measure: (chosen ?? "count") as Measure };
          put(MEASURES[next.measure].ofProperty ? next : without(next, "property"));
        }}
      />
      {MEASURES[measure].ofProperty && (
        <Group w={200} grow>
          <PropertyPicker
            bare
            numbers
            settled
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
          const name = typed.currentTarget.value;
          put(name === "" ? without(series, "name") : { ...series, name });
        }}
      />
      <Group gap={2} ml="auto">
        {children}
      </Group>
    </Group>
  );
}

/** A series needs its event, and what its measure is taken of; a formula that is half typed is left out. */
export function whole(own: Own<"trend">): Own<"trend"> | null {
  const ready = own.series.every(
    (one) => isEvent(one.event) && (!MEASURES[one.measure ?? "count"].ofProperty || Boolean(one.property?.trim())),
  );
  if (!ready || own.series.length === 0) return null;
  const common = wholeCommon(own);
  return typeof own.formula === "string" && isFormula(own.formula, own) ? common : without(common, "formula");
}

const NAME_OR_NUMBER = /[A-Za-z_]\w*|\d+(?:\.\d*)?|\.\d+/g;

/** Names of series and numbers, with `+ - * /` between them, and parentheses. */
export function isFormula(text: string, own: Own<"trend">): boolean {
  const known = [...LETTERS.slice(0, own.series.length), ...own.series.map((one) => one.name ?? one.event)];
  const words = text.match(NAME_OR_NUMBER) ?? [];
  if (words.length === 0 || words.some((word) => /^[A-Za-z_]/.test(word) && !known.includes(word))) return false;
  // What is whole shrinks to one term: "(A + B) / 2" to "(# + #) / #", to "(#) / #", to "#".
  let left = text.replace(NAME_OR_NUMBER, "#").replace(/(?<=#)\s+(?=#)/g, "!");
  for (let before = ""; before !== left; ) {
    before = left;
    left = left.replace(/\s+/g, "").replace(/\(#\)|(?<![#)])[-+]#|#[-+*/]#/, "#");
  }
  return left === "#";
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
  const place = askedNames(own).indexOf(name);
  const title = own.series[place] && seriesWords(own.series[place]);
  if (title === undefined) return eventName(name);
  const alike = own.series.filter((one) => seriesWords(one) === title).length > 1;
  return alike ? `${LETTERS[place]}: ${title}` : title;
}

function seriesWords(series: Series): string {
  return series.name ?? `${eventName(series.event)}, ${measureWords(series)}`;
}

function measureWords(series: Series): string {
  const row = MEASURES[series.measure ?? "count"];
  return row.ofProperty ? `${row.text} ${series.property ?? "?"}` : row.text;
}

/**
 * What each series is called in the answer, which does not tell otherwise whose its rows are: a series has as many rows
 * as it found values. So no two are called alike, and none as the formula is.
 */
export function askedNames(own: Own<"trend">): string[] {
  const taken = new Set<string>();
  return own.series.map((series) => {
    const plain = series.name ?? series.event;
    const tries = [plain, `${plain.slice(0, LONGEST_NAME)}, ${measureWords(series)}`.slice(0, LONGEST_NAME)];
    let name = tries.find((one) => !taken.has(one) && one !== own.formula);
    for (let copy = 2; name === undefined; copy += 1) {
      const next = `${tries[1]} ${copy}`;
      if (!taken.has(next) && next !== own.formula) name = next;
    }
    taken.add(name);
    return name;
  });
}

/** Of what the API takes, less some room for a number. */
const LONGEST_NAME = 190;

function asked(own: Own<"trend">): Own<"trend"> {
  const names = askedNames(own);
  const series = own.series.map((one, place) => {
    const name = names[place];
    return name === undefined || name === (one.name ?? one.event) ? one : { ...one, name };
  });
  return { ...own, series };
}

/** The place in the question of the series that each line answers; null for a formula's result, which has no list. */
export function seriesOf(answer: Insights["trend"]["answer"], own: Own<"trend">): (number | null)[] {
  const names = askedNames(own);
  return answer.series.map((line) => {
    const place = names.indexOf(line.name);
    return place < 0 ? null : place;
  });
}

function unitOf(place: number | null | undefined, own: Own<"trend">): Unit | undefined {
  const series = place == null ? undefined : own.series[place];
  return series && MEASURES[series.measure ?? "count"].unit;
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
    <>
      <LineChart
        name="Trend"
        summary={sentence(answer, own)}
        labels={answer.buckets}
        incomplete={answer.incomplete}
        series={lines.map((line) => ({
          name: lineName(line, own),
          values: untilNow(line.values, answer.buckets, answer.meta.now),
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
              pick(found, `${lineName(line, own)} · ${bucketLong(bucket, interval)}`, unitOf(found.series, own));
            }
          })
        }
        onZoom={zoom && ((first, last) => zoom(answer.buckets, first, last))}
      />
      {answer.series.length > lines.length && (
        <Text size="xs" c="dimmed">
          The first {lines.length} of {answer.series.length} lines are drawn; all are in the table.
        </Text>
      )}
    </>
  );
}

function table(answer: Insights["trend"]["answer"], own: Own<"trend">, interval: PictureProps<"trend">["interval"]) {
  const pointer = pointersOf(answer, own);
  const places = seriesOf(answer, own);
  const columns: Column[] = [
    { title: "Time", as: "text" },
    ...answer.series.map(
      (line, at): Column => ({ title: lineName(line, own), as: "number", unit: unitOf(places[at], own) }),
    ),
  ];
  const values = answer.series.map((line) => untilNow(line.values, answer.buckets, answer.meta.now));
  const rows = answer.buckets.map(
    (bucket, at): Row<"trend"> => ({
      cells: [bucketLong(bucket, interval), ...values.map((line) => line[at] ?? null)],
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
  whole,
  asked,
  Form,
  Picture,
  table,
  sentence,
  isEmpty: (answer) => answer.series.every((line) => line.values.every((value) => !value)),
};
