/** The picked tile, drawn large, with what it is compared with and what happened meanwhile. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ComponentType, useState } from "react";
import { useHappenings } from "../api/annotations";
import type { Insights, Interval } from "../api/types";
import { LineChart } from "../charts";
import { answerOptions } from "../insights/ask";
import { stillOpen } from "../insights/funnel";
import { notesAt } from "../insights/happenings";
import type { As, Table } from "../insights/kind";
import { DataTable } from "../parts/data-table";
import { Failure, Waiting } from "../parts/states";
import { useSession } from "../session";
import { rangeOfBuckets, untilNow } from "../state/range";
import { useChange, useFrame } from "../state/use-view";
import type { OpenList } from "../state/view";
import { brief, bucketLong, bucketShort, change, count, percent } from "../state/words";
import type { Questions } from "./questions";
import { goalName, TILES, type TileName } from "./tiles";

type Answer = Insights["overview"]["answer"];
type Open = (list: OpenList) => void;

const HEIGHT = 260;

/** A line and what stands behind its points. */
interface Drawn {
  title: string;
  interval: Interval;
  buckets: readonly string[];
  incomplete: readonly boolean[];
  values: readonly (number | null)[];
  previous?: readonly (number | null)[] | undefined;
  /** Of the whole range. */
  total: number | null;
  moved?: number | null | undefined;
  as: Extract<As, "count" | "percent">;
  behind: (bucket: string) => Omit<OpenList, "title">;
}

interface LineProps {
  tile: string;
  /** The overview's own; undefined while it is not known. */
  answer: Answer | undefined;
  questions: Questions;
  running: boolean;
  open: Open;
}

/** The line of one of the overview's own tiles. */
function OwnLine({ answer, tile, open }: LineProps) {
  if (!answer) return <Waiting height={HEIGHT} />;
  const line = answer.trend.series.find((one) => one.name === tile);
  const told = answer.tiles.find((one) => one.name === tile);
  const { title, unit } = TILES[tile as TileName];
  return (
    <Line
      open={open}
      title={title}
      interval={answer.trend.interval}
      buckets={answer.trend.buckets}
      incomplete={answer.trend.incomplete}
      values={untilNow(line?.values ?? [], answer.trend.buckets, answer.meta.now)}
      previous={line?.previous}
      total={told?.value ?? null}
      moved={told?.change}
      as="count"
      behind={(bucket) => ({ of: "overview", pointer: { tile, bucket }, unit })}
    />
  );
}

interface LineRow {
  title: string;
  isThere: (questions: Questions) => boolean;
  Line: ComponentType<LineProps>;
}

/** What can be drawn large, by the tile's name: the overview's own lines, and those with a question of their own. */
export const LINES: Record<string, LineRow> = {
  ...Object.fromEntries(
    Object.entries(TILES).map(([tile, { title }]): [string, LineRow] => [
      tile,
      { title, isThere: () => true, Line: OwnLine },
    ]),
  ),
  errors: { title: "Errors", isThere: () => true, Line: ErrorLine },
  conversion: { title: "Conversion", isThere: ({ conversion }) => conversion !== null, Line: ConversionLine },
};

function ErrorLine({ questions, running, open }: LineProps) {
  const { api } = useSession();
  const { data, error, isPlaceholderData, refetch } = useQuery(answerOptions(api, "trend", questions.errors, running));
  const line = data?.series[0];
  if (!data || !line) return error ? <Failure error={error} again={() => refetch()} /> : <Waiting height={HEIGHT} />;
  return (
    <div className={isPlaceholderData ? "stale" : undefined} inert={isPlaceholderData}>
      <Line
        open={open}
        title="Errors"
        interval={questions.errors.interval ?? "day"}
        buckets={data.buckets}
        incomplete={data.incomplete}
        values={untilNow(line.values, data.buckets, data.meta.now)}
        previous={line.previous}
        total={line.total}
        moved={line.change}
        as="count"
        behind={(bucket) => ({ of: "errors", pointer: { series: 0, bucket }, unit: "events" })}
      />
    </div>
  );
}

function ConversionLine({ questions, running, open }: LineProps) {
  if (!questions.conversion) return null;
  return <GoalLine question={questions.conversion} running={running} open={open} />;
}

interface GoalLineProps {
  question: NonNullable<Questions["conversion"]>;
  running: boolean;
  open: Open;
}

function GoalLine({ question, running, open }: GoalLineProps) {
  const { api } = useSession();
  const { data, error, isPlaceholderData, refetch } = useQuery(answerOptions(api, "funnel", question, running));
  if (!data?.over_time) return error ? <Failure error={error} again={() => refetch()} /> : <Waiting height={HEIGHT} />;
  return (
    <div className={isPlaceholderData ? "stale" : undefined} inert={isPlaceholderData}>
      <Line
        open={open}
        title={`Conversion to “${goalName(question)}”`}
        interval={question.interval ?? "day"}
        buckets={data.over_time.map((one) => one.bucket)}
        incomplete={stillOpen(data, question)}
        values={data.over_time.map((one) => one.rate)}
        total={data.steps.at(-1)?.rate ?? null}
        as="percent"
        behind={(bucket) => ({
          of: "conversion",
          pointer: { step: 2, outcome: "converted", bucket },
          unit: "people",
        })}
      />
    </div>
  );
}

const WORDS = { count, percent } as const;
const AXIS = { count: brief, percent } as const;

function Line({ open, ...drawn }: Drawn & { open: Open }) {
  const { bounds } = useFrame();
  const change = useChange();
  const happenings = useHappenings(bounds);
  const [numbers, setNumbers] = useState(false);
  const { title, interval, buckets, incomplete, values, previous, as, behind } = drawn;
  const pick = (bucket: string) => open({ ...behind(bucket), title: `${title} · ${bucketLong(bucket, interval)}` });
  return (
    <>
      <LineChart
        name={title}
        summary={sentenceOf(drawn)}
        labels={buckets}
        incomplete={incomplete}
        series={[{ name: title, values, previous }]}
        notes={notesAt(happenings, buckets)}
        label={(label) => bucketShort(label, interval, bounds.days)}
        fullLabel={(label) => bucketLong(label, interval)}
        format={WORDS[as]}
        axisFormat={AXIS[as]}
        height={HEIGHT}
        onPick={({ index }) => {
          const bucket = buckets[index];
          if (bucket !== undefined) pick(bucket);
        }}
        onZoom={(first, last) => {
          const range = rangeOfBuckets(buckets, first, last, bounds);
          if (range) change({ range, interval: undefined, list: undefined });
        }}
      />
      <Button
        variant="subtle"
        color="gray"
        aria-expanded={numbers}
        onClick={() => setNumbers((before) => !before)}
        mt={4}
        w="fit-content"
      >
        {numbers ? "Hide the numbers" : "The numbers"}
      </Button>
      {numbers && (
        <DataTable
          name={`${title}, all numbers`}
          table={tableOf(drawn)}
          pick={(pointer) => typeof pointer.bucket === "string" && pick(pointer.bucket)}
        />
      )}
    </>
  );
}

function sentenceOf({ title, total, moved, as }: Drawn): string {
  const told = `${title}: ${total === null ? "none" : WORDS[as](total)} in the whole range`;
  return typeof moved === "number" ? `${told}, ${change(moved)} against before.` : `${told}.`;
}

function tableOf({ title, interval, buckets, incomplete, values, previous, as }: Drawn): Table<"overview"> {
  return {
    columns: [{ title: "Time", as: "text" }, { title, as }, ...(previous ? [{ title: "Before", as }] : [])],
    rows: buckets.map((bucket, at) => ({
      cells: [bucketLong(bucket, interval), values[at] ?? null, ...(previous ? [previous[at] ?? null] : [])],
      pointers: [null, { bucket }, null],
      open: incomplete[at] ?? false,
    })),
  };
}
