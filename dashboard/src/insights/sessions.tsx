/** Sessions: how many, how long, how many bounced, where they were entered and left. */

import { Box, SimpleGrid, Stack, Text } from "@mantine/core";
import type { Insights, Schemas } from "../api/types";
import { BarList, BarTable, LineChart } from "../charts";
import { Choice } from "../parts/choice";
import { CommonFields } from "../parts/common-fields";
import { Tiles } from "../parts/tiles";
import { brief, bucketLong, bucketShort, count, counted, duration, percent, valueName } from "../state/words";
import { notesAt } from "./happenings";
import type { Column, FormProps, InsightKind, Own, PictureProps, Row, Table } from "./kind";
import { wholeCommon } from "./whole";

type Answer = Insights["sessions"]["answer"];
type Numbers = Pick<Answer, "sessions" | "bounces" | "bounce_rate" | "duration" | "events_per_session">;
type Pointer = Insights["sessions"]["pointer"];

export const BY: Record<NonNullable<Own<"sessions">["by"]>, string> = { page: "pages", component: "components" };

function Form({ own, change }: FormProps<"sessions">) {
  return (
    <CommonFields own={own} change={change}>
      <Choice label="Told by" w={140} value={own.by ?? "page"} options={BY} onChange={(by) => change({ ...own, by })} />
    </CommonFields>
  );
}

const MOST_ENDS = 10;

function Picture(props: PictureProps<"sessions">) {
  const { answer, own, pick } = props;
  return (
    <Stack gap="lg">
      <Tiles
        name="All sessions of the range"
        tiles={[
          { name: "Sessions", value: count(answer.sessions), onPick: pick && (() => pick({}, "All sessions")) },
          {
            name: "Bounced",
            value: percent(answer.bounce_rate),
            note: counted(answer.bounces, "session"),
            onPick: pick && (() => pick({ bounced: true }, "Sessions that bounced")),
          },
          {
            name: "Median length",
            value: duration(answer.duration.median),
            note: `mean ${duration(answer.duration.mean)}`,
          },
          { name: "95 % shorter than", value: duration(answer.duration.p95) },
          {
            name: "Events per session",
            value: answer.events_per_session === null ? "–" : count(answer.events_per_session),
          },
        ]}
      />
      <OverTime {...props} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
        <Ends
          title="Entered at"
          ends={answer.entries}
          opened={pick && ((entry) => pick({ entry }, `Entered at ${entry}`))}
        />
        <Ends title="Left from" ends={answer.exits} opened={pick && ((exit) => pick({ exit }, `Left from ${exit}`))} />
      </SimpleGrid>
      {answer.breakdowns && <Values segments={answer.breakdowns} own={own} pick={pick} />}
    </Stack>
  );
}

/** What is drawn over time, and how a number of it is pointed at. */
const LINES = [
  { name: "Began", field: "started", pointing: {} },
  { name: "Active", field: "active", pointing: { active: true } },
] as const;

function OverTime({ answer, interval, days, pick, zoom, notes = [] }: PictureProps<"sessions">) {
  const { buckets } = answer;
  if (!buckets) return null;
  return (
    <LineChart
      name="Sessions over time"
      summary={sentence(answer)}
      labels={buckets}
      incomplete={answer.incomplete ?? []}
      series={LINES.map(({ name, field }) => ({ name, values: answer[field] ?? [] }))}
      notes={notesAt(notes, buckets)}
      label={(label) => bucketShort(label, interval, days)}
      fullLabel={(label) => bucketLong(label, interval)}
      format={count}
      axisFormat={brief}
      height={240}
      onPick={
        pick &&
        (({ series, index }) => {
          const [line, bucket] = [LINES[series], buckets[index]];
          if (!line || bucket === undefined) return;
          pick({ bucket, ...line.pointing }, `Sessions · ${line.name} · ${bucketLong(bucket, interval)}`);
        })
      }
      onZoom={zoom && ((first, last) => zoom(buckets, first, last))}
    />
  );
}

interface EndsProps {
  title: string;
  ends: readonly Schemas["End"][];
  opened: ((name: string) => void) | undefined;
}

function nameOf(end: Schemas["End"]): string {
  return end.page ?? end.component ?? "";
}

function Ends({ title, ends, opened }: EndsProps) {
  return (
    <Box>
      <Text component="h3" fw={600} fz="sm" mb={4}>
        {title}
      </Text>
      <BarList
        name={title}
        bars={ends.slice(0, MOST_ENDS).map((end) => ({
          name: nameOf(end),
          value: end.sessions,
          onPick: opened && (() => opened(nameOf(end))),
        }))}
      />
      {ends.length > MOST_ENDS && (
        <Text size="xs" c="dimmed" mt={4}>
          and {count(ends.length - MOST_ENDS)} more, in the table
        </Text>
      )}
    </Box>
  );
}

const NUMBERS: readonly { title: string; as: Column["as"]; of: (numbers: Numbers) => number | null; more?: Pointer }[] =
  [
    { title: "Sessions", as: "count", of: ({ sessions }) => sessions, more: {} },
    { title: "Bounced", as: "count", of: ({ bounces }) => bounces, more: { bounced: true } },
    { title: "Bounce rate", as: "percent", of: ({ bounce_rate }) => bounce_rate },
    { title: "Median length", as: "seconds", of: (numbers) => numbers.duration.median },
    { title: "Mean", as: "seconds", of: (numbers) => numbers.duration.mean },
    { title: "95 % shorter than", as: "seconds", of: (numbers) => numbers.duration.p95 },
    { title: "Events per session", as: "number", of: ({ events_per_session }) => events_per_session },
  ];

interface ValuesProps {
  segments: readonly Schemas["sessions_Segment"][];
  own: Own<"sessions">;
  pick: PictureProps<"sessions">["pick"];
}

function Values({ segments, own, pick }: ValuesProps) {
  return (
    <BarTable
      name="Sessions by value"
      corner={own.breakdown?.[0]?.property ?? "Value"}
      columns={["Sessions", "Bounced", "Median length", "95 % shorter than", "Events"]}
      rows={segments.map((one) => ({
        name: valueName(one.value),
        value: one.sessions,
        cells: [
          {
            text: count(one.sessions),
            onPick: pick && (() => pick({ breakdown: one.value }, `Sessions · ${valueName(one.value)}`)),
          },
          {
            text: percent(one.bounce_rate),
            title: counted(one.bounces, "session"),
            onPick:
              pick &&
              (() => pick({ breakdown: one.value, bounced: true }, `Sessions that bounced · ${valueName(one.value)}`)),
          },
          { text: duration(one.duration.median) },
          { text: duration(one.duration.p95) },
          { text: one.events_per_session === null ? "–" : count(one.events_per_session) },
        ],
      }))}
    />
  );
}

/** Each bucket, each end and each value; below them the range. Times are told of values alone, others have none. */
function table(
  answer: Answer,
  _own: Own<"sessions">,
  interval: PictureProps<"sessions">["interval"],
): Table<"sessions"> {
  const numbers = answer.breakdowns ? NUMBERS : NUMBERS.slice(0, 1);
  const columns: Column[] = [
    { title: "Which", as: "text" },
    ...numbers.map(({ title, as }): Column => ({ title, as })),
    { title: "Active", as: "count" },
  ];
  const whole = (name: string, one: Numbers, pointing: Pointer): Row<"sessions"> => ({
    cells: [name, ...numbers.map(({ of }) => of(one)), null],
    pointers: [null, ...numbers.map(({ more }) => (more ? { ...pointing, ...more } : null)), null],
  });
  const some = (name: string, count: number, pointer: Pointer): Row<"sessions"> => ({
    cells: [name, count, ...Array(numbers.length).fill(null)],
    pointers: [null, pointer],
  });
  const ended = (text: string, ends: readonly Schemas["End"][], field: "entry" | "exit") =>
    ends.map((end) => some(`${text} ${nameOf(end)}`, end.sessions, { [field]: nameOf(end) }));
  return {
    columns,
    rows: [
      ...(answer.breakdowns ?? []).map((one) => whole(valueName(one.value), one, { breakdown: one.value })),
      ...(answer.buckets ?? []).map((bucket, at): Row<"sessions"> => {
        const began = some(bucketLong(bucket, interval), answer.started?.[at] ?? 0, { bucket });
        return {
          cells: began.cells.with(-1, answer.active?.[at] ?? null),
          pointers: [null, { bucket }, ...Array(numbers.length - 1).fill(null), { bucket, active: true }],
          open: answer.incomplete?.[at] ?? false,
        };
      }),
      ...ended("Entered at", answer.entries, "entry"),
      ...ended("Left from", answer.exits, "exit"),
    ],
    total: whole("The whole range", answer, {}),
  };
}

function sentence(answer: Answer): string {
  const [entry, exit] = [answer.entries[0], answer.exits[0]];
  const parts = [
    `${counted(answer.sessions, "session")}; ${percent(answer.bounce_rate)} bounced, half lasted longer than ${duration(
      answer.duration.median,
    )}.`,
    entry && `Most were entered at ${nameOf(entry)} (${count(entry.sessions)})`,
    exit && `${entry ? "and left" : "Most were left"} from ${nameOf(exit)} (${count(exit.sessions)}).`,
  ];
  return parts.filter(Boolean).join(" ");
}

export const sessions: InsightKind<"sessions"> = {
  kind: "sessions",
  title: "Sessions",
  meaning:
    "Sessions that began in the range and have an event in it that matches, each told as a whole, also where it goes on later. A session is the client's own, or ends with a pause of more than 30 minutes; midnight ends nothing. It bounced if it has one page view (or one component visit) and nothing was done; what clients send by themselves, such as heartbeats, is not done by anybody. Its length is from its first event to its last one, and those of no length count. Entry and exit are the first and the last page view (or component visit). Active counts the sessions that had an event in a bucket, wherever they began. A breakdown goes by the value at a session's first event that matches. Bots are left out unless asked for.",
  takes: { interval: true, compare: false },
  lists: ["sessions", "people", "events"],
  opening: () => ({ by: "page" }),
  whole: wholeCommon,
  Form,
  Picture,
  table,
  sentence,
  isEmpty: (answer) => answer.sessions === 0 && (answer.active ?? []).every((some) => some === 0),
};
