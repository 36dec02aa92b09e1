/** Paths: where sessions went, from step to step. */

import { Box, Switch, Text } from "@mantine/core";
import type { Insights } from "../api/types";
import { Grid, Sankey, type Stream } from "../charts";
import { Choice } from "../parts/choice";
import { CommonFields } from "../parts/common-fields";
import { NumberField } from "../parts/number-field";
import { useOneOf } from "../parts/one-of";
import { EventPicker, NamePicker } from "../parts/pickers";
import { useWays } from "../parts/ways";
import { without } from "../state/view";
import { count, counted, valueName } from "../state/words";
import type { Column, FormProps, InsightKind, Own, PictureProps, Row, Table } from "./kind";
import { type Part, partsOf, tableOf } from "./segments";
import { wholeCommon } from "./whole";

type Answer = Insights["paths"]["answer"];
type Flow = Pick<Answer, "sessions" | "links" | "exits" | "matrix">;
type Pointer = Insights["paths"]["pointer"];
type By = NonNullable<Own<"paths">["by"]>;

/** Where a path ends, as the API writes it. */
export const EXIT = "(exit)";
const MOST_STEPS = 50;
const MOST_NAMES = 5000;
/** Names that a page opens with; more make a picture that nobody reads. */
const FEW_NAMES = 10;
/** Names that the server tells apart where a question says nothing. */
const USUAL_NAMES = 500;

interface ByRow {
  text: string;
  /** Where the names are from; null where they are events. */
  from: { event: string; property: string } | null;
}

const BY: Record<By, ByRow> = {
  page: { text: "pages", from: { event: "page_view", property: "page" } },
  component: { text: "components", from: { event: "component_visit", property: "component" } },
  event: { text: "events", from: null },
};

function Form({ own, change }: FormProps<"paths">) {
  const by = own.by ?? "page";
  return (
    <CommonFields own={own} change={change} event={BY[by].from?.event ?? "*"}>
      <Choice
        label="Through"
        w={140}
        value={by}
        options={Object.fromEntries(Object.entries(BY).map(([value, { text }]) => [value, text])) as Record<By, string>}
        // A page is no name of a component.
        onChange={(chosen) => change(without(without({ ...own, by: chosen }, "start"), "end"))}
      />
      <EndField own={own} change={change} field="start" label="From" placeholder="anywhere" />
      <EndField own={own} change={change} field="end" label="To" placeholder="anywhere" />
      <NumberField
        label="Steps"
        w={80}
        min={2}
        max={MOST_STEPS}
        allowDecimal={false}
        value={own.max_steps ?? 5}
        onChange={(steps) => typeof steps === "number" && steps >= 2 && change({ ...own, max_steps: steps })}
      />
      <NumberField
        label="Names told apart"
        w={120}
        min={1}
        max={MOST_NAMES}
        allowDecimal={false}
        value={own.limit ?? USUAL_NAMES}
        onChange={(limit) => typeof limit === "number" && limit >= 1 && change({ ...own, limit })}
      />
      <Switch
        label="Repeats are one step"
        mb={6}
        checked={own.collapse_repeats ?? true}
        onChange={(changed) => change({ ...own, collapse_repeats: changed.currentTarget.checked })}
      />
    </CommonFields>
  );
}

interface EndFieldProps extends FormProps<"paths"> {
  field: "start" | "end";
  label: string;
  placeholder: string;
}

function EndField({ own, change, field, label, placeholder }: EndFieldProps) {
  const { from } = BY[own.by ?? "page"];
  const put = (name: string) => change(name.trim() === "" ? without(own, field) : { ...own, [field]: name });
  return (
    <Box w={190}>
      {from ? (
        <NamePicker {...from} label={label} placeholder={placeholder} value={own[field] ?? ""} onChange={put} />
      ) : (
        <EventPicker
          label={label}
          all={false}
          clearable
          placeholder={placeholder}
          value={own[field] ?? ""}
          onChange={put}
        />
      )}
    </Box>
  );
}

interface PathStream extends Stream {
  pointer: Pointer;
}

/**
 * Every link, and every exit as a stream that leads nowhere. Who is cut off at the last step went on, and so has not
 * left; who came to the end that was asked for has arrived.
 */
export function streamsOf(flow: Pick<Flow, "links" | "exits">, own: Own<"paths">): PathStream[] {
  const links = flow.links.map(({ step, from, to, sessions }) => ({
    step,
    from: valueName(from),
    to: valueName(to),
    value: sessions,
    pointer: { step, from, to },
  }));
  if (own.end) return links;
  const exits = flow.exits.map(({ step, name, sessions, cut }) => ({
    step,
    from: valueName(name),
    to: null,
    value: sessions - cut,
    pointer: { step, from: name, to: EXIT, cut: false },
  }));
  return [...links, ...exits.filter(({ value }) => value > 0)];
}

const WAYS = { streams: "Streams", matrix: "From and to" };

function Picture(props: PictureProps<"paths">) {
  const { answer } = props;
  const [part, chooser] = useOneOf(partsOf(answer, answer.breakdowns));
  const [way, ways] = useWays("Picture", WAYS);
  const Shown = way === "streams" ? Streams : Matrix;
  return (
    <>
      {chooser}
      {ways}
      <Shown {...props} part={part} />
    </>
  );
}

type PartProps = PictureProps<"paths"> & { part: Part<Flow> };

const STEP_WIDTH = 150;
const NODE_HEIGHT = 34;

function Streams({ answer, own, pick, part }: PartProps) {
  const streams = streamsOf(part.of, own);
  const steps = Math.max(1, ...streams.map(({ step, to }) => step + (to === null ? 0 : 1)));
  const names = Array.from({ length: steps + 1 }, (_, step) => namesAt(streams, step + 1));
  const open = (pointer: Pointer, ...words: (string | null | undefined)[]) =>
    pick?.(
      { ...pointer, ...part.pointing },
      [...words, part.value === null ? null : part.name].filter(Boolean).join(" · "),
    );
  return (
    <Box component="section" aria-label="Streams" tabIndex={0} style={{ overflowX: "auto" }}>
      <Box miw={(steps + 1) * STEP_WIDTH}>
        <Sankey
          name="Paths"
          summary={sentence(answer, own)}
          streams={streams}
          format={count}
          height={Math.min(720, Math.max(260, Math.max(...names) * NODE_HEIGHT))}
          onPick={
            pick &&
            ((stream) => {
              const picked = streams[streams.indexOf(stream as PathStream)];
              if (picked) open(picked.pointer, `Step ${picked.step}`, `${picked.from} → ${picked.to ?? "left"}`);
            })
          }
          onPickNode={
            pick &&
            ((step, name) => {
              const from = namedAt(part.of, step, name);
              if (from !== undefined) open({ step, from }, `Step ${step}`, name);
            })
          }
        />
      </Box>
    </Box>
  );
}

function namesAt(streams: readonly PathStream[], step: number): number {
  return new Set(
    streams.flatMap((one) => [...(one.step === step ? [one.from] : []), ...(one.step + 1 === step ? [one.to] : [])]),
  ).size;
}

/** The name, as the API has it, of a node as it is drawn. */
function namedAt({ links, exits }: Flow, step: number, drawn: string): string | undefined {
  return [
    ...links.filter((one) => one.step === step).map((one) => one.from),
    ...exits.filter((one) => one.step === step).map((one) => one.name),
  ].find((name) => valueName(name) === drawn);
}

const MOST_CELLS = 25;

function Matrix({ own, part, pick }: PartProps) {
  const { matrix } = part.of;
  const most = Math.max(1, ...matrix.map((cell) => cell.count));
  const rows = inOrder(matrix.map((cell) => cell.from));
  const columns = inOrder(matrix.map((cell) => cell.to));
  const names = new Set(matrix.flatMap(({ from, to }) => [from, to]).filter((name) => name !== EXIT)).size;
  const cells = new Map(matrix.map((cell) => [`${cell.from}\u0000${cell.to}`, cell.count]));
  return (
    <>
      <Grid
        name="Moves from each to each, at any step"
        corner="From ↓ to →"
        columns={columns.map((to) => placeName(to, own))}
        rows={rows.map((from) => ({
          name: valueName(from),
          cells: columns.map((to) => {
            const moves = cells.get(`${from}\u0000${to}`);
            if (moves === undefined) return null;
            const title = `${valueName(from)} → ${placeName(to, own)}`;
            return {
              weight: Math.sqrt(moves / most),
              text: count(moves),
              title: `${title}: ${count(moves)}`,
              // A session may make one move several times, so what a cell counts are events.
              onPick: pick && (() => pick({ from, to, ...part.pointing }, title, "events")),
            };
          }),
        }))}
      />
      {names > MOST_CELLS && (
        <Text size="xs" c="dimmed" mt={4}>
          Rows and columns are the first {MOST_CELLS} of {count(names)} names; all moves are in the table.
        </Text>
      )}
    </>
  );
}

/** Each once, in the order in which they come, `(exit)` last. */
function inOrder(names: readonly string[]): string[] {
  const once = [...new Set(names)];
  return [...once.filter((name) => name !== EXIT).slice(0, MOST_CELLS), ...once.filter((name) => name === EXIT)];
}

function placeName(name: string, own: Own<"paths">): string {
  if (name !== EXIT) return valueName(name);
  return own.end ? "the end" : "left";
}

function table(answer: Answer, own: Own<"paths">): Table<"paths"> {
  const columns: Column[] = [
    { title: "From", as: "text" },
    { title: "To", as: "text" },
    { title: "At step", as: "number" },
    { title: "Sessions", as: "count", unit: "sessions" },
    { title: "Of these cut off", as: "count", unit: "sessions" },
    { title: "Moves", as: "count", unit: "events" },
  ];
  const parts = partsOf(answer, answer.breakdowns);
  const table = tableOf(parts, columns, ({ of, pointing }: Part<Flow>) => [
    ...of.links.map(
      ({ step, from, to, sessions }): Row<"paths"> => ({
        cells: [valueName(from), placeName(to, own), step, sessions, null, null],
        pointers: [null, null, null, { step, from, to, ...pointing }],
      }),
    ),
    ...of.exits.map(
      ({ step, name, sessions, cut }): Row<"paths"> => ({
        cells: [valueName(name), own.end ? "the end" : "left, or cut off", step, sessions, cut, null],
        pointers: [
          null,
          null,
          null,
          { step, from: name, to: EXIT, ...pointing },
          { step, from: name, to: EXIT, cut: true, ...pointing },
        ],
      }),
    ),
    ...of.matrix.map(
      (cell): Row<"paths"> => ({
        cells: [valueName(cell.from), placeName(cell.to, own), null, null, null, cell.count],
        pointers: [null, null, null, null, null, { from: cell.from, to: cell.to, ...pointing }],
      }),
    ),
  ]);
  // A session is in many rows, so this is no sum of them.
  const total = table.columns.map(({ title }, at) =>
    at === 0 ? "The whole range" : title === "Sessions" ? answer.sessions : null,
  );
  return { ...table, total: { cells: total } };
}

function sentence({ sessions, links, exits }: Flow, own: Own<"paths">): string {
  const [link] = links;
  const left = own.end ? undefined : exits.find((one) => one.step === 1 && one.sessions > one.cut);
  return [
    `${counted(sessions, "session")}.`,
    link && `Most went from ${valueName(link.from)} to ${valueName(link.to)} first (${count(link.sessions)}).`,
    left && `${count(left.sessions - left.cut)} had nothing after ${valueName(left.name)}.`,
  ]
    .filter(Boolean)
    .join(" ");
}

function opening(events: readonly string[]): Own<"paths"> {
  const by = (Object.keys(BY) as By[]).find((one) => events.includes(BY[one].from?.event ?? "")) ?? "event";
  return { by, max_steps: 5, limit: FEW_NAMES, collapse_repeats: true };
}

export const paths: InsightKind<"paths"> = {
  kind: "paths",
  title: "Paths",
  meaning:
    "Where sessions went inside the range, by time, then by the client's own count. Repeats of one name are one step, unless asked for; loops stay. From begins a path where that name comes first, to ends it where that name comes first behind it; sessions without them do not count. A stream is the sessions that went on from a name at one step to another at the next. Paths longer than the steps that are shown are cut off, which is not leaving. From and to counts every move at any step, and is never cut, so a session may be in it several times. Names beyond those told apart are together as Other. A breakdown goes by the value at a path's first step. Bots are left out unless asked for.",
  takes: { interval: false, compare: false },
  lists: ["sessions", "people", "events"],
  opening,
  whole: wholeCommon,
  Form,
  Picture,
  table,
  sentence,
  isEmpty: (answer) => answer.sessions === 0,
};
