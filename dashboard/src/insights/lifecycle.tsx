/** Lifecycle: who is new in a bucket, who came back, who had been away, who stayed away. */

import { Box } from "@mantine/core";
import type { Insights } from "../api/types";
import { LineChart } from "../charts";
import { CommonFields } from "../parts/common-fields";
import { useOneOf } from "../parts/one-of";
import { EventPicker } from "../parts/pickers";
import { brief, bucketLong, bucketShort, count } from "../state/words";
import { notesAt } from "./happenings";
import type { Column, FormProps, InsightKind, Own, PictureProps, Row, Table } from "./kind";
import { bucketWord } from "./periods";
import { type Part, partsOf, tableOf } from "./segments";
import { isEvent, wholeCommon } from "./whole";

type Answer = Insights["lifecycle"]["answer"];
export type LifecycleState = Insights["lifecycle"]["pointer"]["state"];
type Interval = PictureProps<"lifecycle">["interval"];
type Counts = Pick<Answer, LifecycleState>;

interface StateRow {
  state: LifecycleState;
  text: string;
  /** Which way it is drawn. */
  sign: 1 | -1;
}

export const STATES: readonly StateRow[] = [
  { state: "new", text: "New", sign: 1 },
  { state: "returning", text: "Returning", sign: 1 },
  { state: "resurrecting", text: "Back after a pause", sign: 1 },
  { state: "dormant", text: "Stayed away", sign: -1 },
];

function Form({ own, change }: FormProps<"lifecycle">) {
  return (
    <CommonFields own={own} change={change} event={own.event ?? "*"}>
      <Box w={220}>
        <EventPicker label="Active with" value={own.event ?? "*"} onChange={(event) => change({ ...own, event })} />
      </Box>
    </CommonFields>
  );
}

function Picture({ answer, own, interval, days, pick, zoom, notes = [] }: PictureProps<"lifecycle">) {
  const [part, chooser] = useOneOf(partsOf(answer, answer.breakdowns));
  return (
    <>
      {chooser}
      <LineChart
        name="Lifecycle"
        summary={sentence(answer, own, interval)}
        labels={answer.buckets}
        incomplete={answer.incomplete}
        series={STATES.map(({ state, text, sign }) => ({
          name: text,
          values: part.of[state].map((some) => (some === 0 ? 0 : sign * some)),
        }))}
        notes={notesAt(notes, answer.buckets)}
        label={(label) => bucketShort(label, interval, days)}
        fullLabel={(label) => bucketLong(label, interval)}
        format={(value) => count(Math.abs(value))}
        axisFormat={(value) => brief(Math.abs(value))}
        height={320}
        onPick={
          pick &&
          (({ series, index }) => {
            const [row, bucket] = [STATES[series], answer.buckets[index]];
            if (!row || bucket === undefined) return;
            const title = [row.text, bucketLong(bucket, interval), ...(part.value === null ? [] : [part.name])];
            pick({ state: row.state, bucket, ...part.pointing }, title.join(" · "));
          })
        }
        onZoom={zoom && ((first, last) => zoom(answer.buckets, first, last))}
      />
    </>
  );
}

function table(answer: Answer, _own: Own<"lifecycle">, interval: Interval): Table<"lifecycle"> {
  const columns: Column[] = [
    { title: "Time", as: "text" },
    ...STATES.map(({ text }): Column => ({ title: text, as: "count" })),
  ];
  return tableOf(partsOf(answer, answer.breakdowns), columns, ({ of, pointing }: Part<Counts>) =>
    answer.buckets.map(
      (bucket, at): Row<"lifecycle"> => ({
        cells: [bucketLong(bucket, interval), ...STATES.map(({ state }) => of[state][at] ?? null)],
        pointers: [null, ...STATES.map(({ state }) => ({ state, bucket, ...pointing }))],
        open: answer.incomplete[at] ?? false,
      }),
    ),
  );
}

function sentence(answer: Answer, _own: Own<"lifecycle">, interval: Interval): string {
  const at = answer.incomplete.lastIndexOf(false);
  const bucket = answer.buckets[at];
  if (bucket === undefined) return `The first ${bucketWord(interval)} of the range is not over yet.`;
  const said = STATES.map(({ state, text }) => `${text.toLowerCase()} ${count(answer[state][at] ?? 0)}`);
  return `In the last ${bucketWord(interval)} that is over, ${bucketLong(bucket, interval)}: ${said.join(", ")}.`;
}

export const lifecycle: InsightKind<"lifecycle"> = {
  kind: "lifecycle",
  title: "Lifecycle",
  meaning:
    "Of those active in a bucket: new are those who did this for the first time in all history, returning those who were active in the bucket before as well, back after a pause all others; these three add up to everybody who was active. Stayed away are those who were active in the bucket before and not in this one, drawn below zero; in a bucket that is not over they may still come. Filters choose what counts as active, and make nobody new who was here before. A breakdown goes by the value at somebody's first event in the range, or else in the bucket before it. Bots are left out unless asked for.",
  takes: { interval: true, compare: false },
  lists: ["people", "events", "sessions"],
  opening: () => ({ event: "*" }),
  whole: (own) => (isEvent(own.event ?? "*") ? wholeCommon(own) : null),
  Form,
  Picture,
  table,
  sentence,
  isEmpty: (answer) => STATES.every(({ state }) => answer[state].every((some) => some === 0)),
};
