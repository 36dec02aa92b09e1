/** Retention: of those who began in a bucket, how many came back in the ones after it. */

import { Box, Stack } from "@mantine/core";
import type { Insights, Schemas } from "../api/types";
import { Grid, type GridCell, LineChart } from "../charts";
import { Choice } from "../parts/choice";
import { CommonFields } from "../parts/common-fields";
import { NumberField } from "../parts/number-field";
import { useOneOf } from "../parts/one-of";
import { whoOf } from "../parts/per";
import { EventPicker } from "../parts/pickers";
import { without } from "../state/view";
import { bucketLong, count, counted, percent } from "../state/words";
import type { Column, FormProps, InsightKind, Own, PictureProps, Row, Table } from "./kind";
import { periodName } from "./periods";
import { type Part, partsOf, tableOf } from "./segments";
import { isEvent, wholeCommon } from "./whole";

type Answer = Insights["retention"]["answer"];
type Cohort = Schemas["Cohort"];
type Request = Insights["retention"]["request"];
type Interval = PictureProps<"retention">["interval"];

const MOST_PERIODS = 1000;

const COHORTS: Record<NonNullable<Request["cohort"]>, string> = {
  first_ever: "who did it for the first time",
  recurring: "whoever did it then",
};

const CRITERIA: Record<NonNullable<Request["criterion"]>, string> = {
  on: "in just that bucket",
  on_or_after: "in that one or later",
};

const BUCKETS: Record<NonNullable<Request["buckets"]>, string> = {
  calendar: "of the calendar",
  rolling: "from each one's start",
};

function Form({ own, change }: FormProps<"retention">) {
  return (
    <CommonFields own={own} change={change} event={own.start_event ?? "*"}>
      <Box w={210}>
        <EventPicker
          label="Began with"
          value={own.start_event ?? "*"}
          onChange={(start_event) => change({ ...own, start_event })}
        />
      </Box>
      <Choice
        label="Counting"
        w={215}
        value={own.cohort ?? "first_ever"}
        options={COHORTS}
        onChange={(cohort) => change({ ...own, cohort })}
      />
      <Box w={210}>
        <EventPicker
          label="Came back with"
          value={own.return_event ?? "*"}
          onChange={(return_event) => change({ ...own, return_event })}
        />
      </Box>
      <Choice
        label="Came back"
        value={own.criterion ?? "on"}
        options={CRITERIA}
        onChange={(criterion) => change({ ...own, criterion })}
      />
      <Choice
        label="Buckets"
        value={own.buckets ?? "calendar"}
        options={BUCKETS}
        onChange={(buckets) => change({ ...own, buckets })}
      />
      <NumberField
        label="How many"
        placeholder="as the range"
        w={110}
        min={1}
        max={MOST_PERIODS}
        allowDecimal={false}
        value={own.periods ?? ""}
        onChange={(periods) =>
          change(typeof periods === "number" && periods >= 1 ? { ...own, periods } : without(own, "periods"))
        }
      />
    </CommonFields>
  );
}

function whole(own: Own<"retention">): Own<"retention"> | null {
  const events = [own.start_event ?? "*", own.return_event ?? "*"];
  return events.every(isEvent) ? wholeCommon(own) : null;
}

type Kept = Pick<Answer, "cohorts" | "average">;

function Picture({ answer, own, interval, pick }: PictureProps<"retention">) {
  const parts = partsOf(answer, answer.breakdowns);
  const [part, chooser] = useOneOf(parts);
  const columns = part.of.average.map((_, period) => periodName(period, interval));
  return (
    <Stack gap="lg">
      {columns.length > 2 && (
        <LineChart
          name="Average retention"
          summary={sentence(answer, own, interval)}
          // At the start everybody is there, which leaves no room for the rest.
          labels={columns.slice(1)}
          series={(parts.length > 1 ? parts.slice(1, MOST_LINES + 1) : parts).map(({ value, name, of }) => ({
            name: value === null ? "Average of all cohorts" : name,
            values: of.average.slice(1),
          }))}
          format={percent}
          height={200}
        />
      )}
      <Box>
        {chooser}
        <Grid
          name="Cohorts"
          corner="Began"
          columns={columns}
          rows={[averageRow(part), ...part.of.cohorts.map((cohort) => cohortRow(cohort, part, own, interval, pick))]}
        />
      </Box>
    </Stack>
  );
}

const MOST_LINES = 8;

function averageRow({ of }: Part<Kept>) {
  return {
    name: "Average",
    note: "",
    cells: of.average.map((rate) =>
      rate === null
        ? null
        : { weight: weightOf(rate), text: percent(rate), title: "Weighted by the size of the cohorts" },
    ),
  };
}

/** Darker for more, so that a few percent differ as well. */
function weightOf(rate: number): number {
  return Math.sqrt(rate);
}

function cohortRow(
  cohort: Cohort,
  { pointing, value, name }: Part<Kept>,
  own: Own<"retention">,
  interval: Interval,
  pick: PictureProps<"retention">["pick"],
) {
  const who = whoOf(own.per);
  const began = bucketLong(cohort.bucket, interval) + (value === null ? "" : ` · ${name}`);
  // The first that is null has begun and is not over; those after it have not begun.
  const running = cohort.values.indexOf(null);
  return {
    name: bucketLong(cohort.bucket, interval),
    note: count(cohort.size),
    ...(pick && { onPick: () => pick({ cohort: cohort.bucket, ...pointing }, `Began ${began}`) }),
    cells: cohort.values.map((some, period): GridCell | null => {
      if (some === null) return period === running ? { weight: 0, text: "…", title: "Not over yet", open: true } : null;
      const rate = cohort.size > 0 ? some / cohort.size : null;
      return {
        weight: weightOf(rate ?? 0),
        text: percent(rate),
        title: `${count(some)} of ${counted(cohort.size, who.one, who.many)}`,
        onPick:
          pick &&
          (() =>
            pick({ cohort: cohort.bucket, period, ...pointing }, `Began ${began} · ${periodName(period, interval)}`)),
      };
    }),
  };
}

function table(answer: Answer, own: Own<"retention">, interval: Interval): Table<"retention"> {
  const who = whoOf(own.per);
  const columns: Column[] = [
    { title: "Began", as: "text" },
    { title: who.many === "people" ? "People" : "Groups", as: "count" },
    ...answer.average.map((_, period): Column => ({ title: periodName(period, interval), as: "count" })),
  ];
  const parts = partsOf(answer, answer.breakdowns);
  const rowsOf = ({ of, pointing }: Part<Kept>): Row<"retention">[] => [
    ...of.cohorts.map(
      ({ bucket, size, values }): Row<"retention"> => ({
        cells: [bucketLong(bucket, interval), size, ...values],
        pointers: [
          null,
          { cohort: bucket, ...pointing },
          ...values.map((some, period) => (some === null ? null : { cohort: bucket, period, ...pointing })),
        ],
      }),
    ),
    // Of a breakdown, each part has its own; of the whole it stands below.
    ...(parts.length > 1 ? [averageCells(of)] : []),
  ];
  const total = parts.length > 1 ? undefined : averageCells(answer);
  return { ...tableOf(parts, columns, rowsOf), total };
}

function averageCells({ average }: Kept): Row<"retention"> {
  return { cells: ["Average", null, ...average.map((rate) => (rate === null ? null : percent(rate)))] };
}

function sentence({ average }: Answer, own: Own<"retention">, interval: Interval): string {
  const known = average.flatMap((rate, period) => (rate === null || period === 0 ? [] : [{ rate, period }]));
  const [first, last] = [known[0], known.at(-1)];
  if (!first || !last) return "No bucket after the first one is over yet.";
  const later = own.criterion === "on_or_after" ? " or later" : "";
  const said = (one: { rate: number; period: number }) =>
    `${percent(one.rate)} at ${periodName(one.period, interval).toLowerCase()}${later}`;
  return `Came back, on average of all cohorts: ${said(first)}${last === first ? "" : `, ${said(last)}`}.`;
}

export const retention: InsightKind<"retention"> = {
  kind: "retention",
  title: "Retention",
  meaning:
    "A cohort is who did the first event in a bucket of the range: for the first time in all history, or whoever did it. A cell is how many of them came back with the second event, in just that bucket, or in that one or a later one of those that are shown. Coming back counts after the range as well, up to now. A cell whose bucket is not over is empty, never 0; averages leave it out and weigh each cohort by its size. Buckets are those of the calendar, or begin with each one's own start and are 24 hours long for each day. A breakdown goes by the value at the first start in the cohort's bucket. Bots are left out unless asked for.",
  takes: { interval: true, compare: false },
  lists: ["people", "events", "sessions"],
  opening: () => ({ start_event: "*", return_event: "*", cohort: "first_ever", criterion: "on" }),
  whole,
  Form,
  Picture,
  table,
  sentence,
  isEmpty: (answer) => answer.cohorts.every((cohort) => cohort.size === 0),
};
