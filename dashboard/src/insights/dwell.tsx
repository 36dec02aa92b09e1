/** Dwell: how long visits of components or pages could be seen. */

import { Text } from "@mantine/core";
import type { Insights, Schemas } from "../api/types";
import { BarTable } from "../charts";
import { Choice } from "../parts/choice";
import { CommonFields } from "../parts/common-fields";
import { useOneOf } from "../parts/one-of";
import { count, counted, duration } from "../state/words";
import type { Column, FormProps, InsightKind, Own, PictureProps, Row, Table } from "./kind";
import { type Part, partsOf, tableOf } from "./segments";
import { wholeCommon } from "./whole";

type Answer = Insights["dwell"]["answer"];
type Visits = Schemas["dwell_Row"];

const BY: Record<NonNullable<Own<"dwell">["by"]>, string> = { component: "components", page: "pages" };
const NAMED: Record<NonNullable<Own<"dwell">["by"]>, string> = { component: "Component", page: "Page" };
const MOST_ROWS = 20;

function Form({ own, change }: FormProps<"dwell">) {
  return (
    <CommonFields own={own} change={change} event={own.by === "page" ? "page_view" : "component_visit"}>
      <Choice
        label="Visits of"
        w={140}
        value={own.by ?? "component"}
        options={BY}
        onChange={(by) => change({ ...own, by })}
      />
    </CommonFields>
  );
}

/** The longest looked at first; those of which nothing was measured last. */
export function byMedian(rows: readonly Visits[]): Visits[] {
  return [...rows].sort((one, other) => (other.median_s ?? -1) - (one.median_s ?? -1));
}

function Picture({ answer, own, pick }: PictureProps<"dwell">) {
  const [part, chooser] = useOneOf(partsOf(answer, answer.breakdowns));
  const rows = byMedian(part.of.rows);
  const opened = (row: string, title: string, measured?: boolean) =>
    pick &&
    (() =>
      pick(
        { row, ...part.pointing, ...(measured !== undefined && { measured }) },
        [title, row, ...(part.value === null ? [] : [part.name])].join(" · "),
      ));
  return (
    <>
      {chooser}
      <BarTable
        name="By median visible time"
        corner={NAMED[own.by ?? "component"]}
        columns={["Median", "90 % within", "Visits", "Measured", "Unknown"]}
        rows={rows.slice(0, MOST_ROWS).map((row) => ({
          name: row.name,
          value: row.median_s,
          cells: [
            { text: duration(row.median_s) },
            { text: duration(row.p90_s) },
            { text: count(row.visits), onPick: opened(row.name, "Visits") },
            { text: count(row.measured), onPick: opened(row.name, "Measured visits", true) },
            { text: count(row.unknown), onPick: opened(row.name, "Visits of unknown length", false) },
          ],
        }))}
      />
      {rows.length > MOST_ROWS && (
        <Text size="xs" c="dimmed" mt={4}>
          and {count(rows.length - MOST_ROWS)} more, in the table
        </Text>
      )}
    </>
  );
}

const NUMBERS: readonly { title: string; as: Column["as"]; field: Exclude<keyof Visits, "name">; more?: object }[] = [
  { title: "Visits", as: "count", field: "visits", more: {} },
  { title: "Measured", as: "count", field: "measured", more: { measured: true } },
  { title: "Unknown", as: "count", field: "unknown", more: { measured: false } },
  { title: "Median", as: "seconds", field: "median_s" },
  { title: "Mean", as: "seconds", field: "mean_s" },
  { title: "90 % within", as: "seconds", field: "p90_s" },
  { title: "95 % within", as: "seconds", field: "p95_s" },
  { title: "Total", as: "seconds", field: "total_s" },
];

function table(answer: Answer, own: Own<"dwell">): Table<"dwell"> {
  const columns: Column[] = [
    { title: NAMED[own.by ?? "component"], as: "text" },
    ...NUMBERS.map(({ title, as }): Column => ({ title, as })),
  ];
  return tableOf(partsOf(answer, answer.breakdowns), columns, ({ of, pointing }: Part<Pick<Answer, "rows">>) =>
    of.rows.map(
      (row): Row<"dwell"> => ({
        cells: [row.name, ...NUMBERS.map(({ field }) => row[field])],
        pointers: [null, ...NUMBERS.map(({ more }) => more && { row: row.name, ...pointing, ...more }).map(orNull)],
      }),
    ),
  );
}

function orNull<T>(found: T | undefined): T | null {
  return found ?? null;
}

function sentence({ rows }: Answer): string {
  const measured = byMedian(rows).filter((row) => row.median_s !== null);
  const [longest, shortest] = [measured[0], measured.at(-1)];
  if (!longest || !shortest) return "Of no visit is known how long it lasted.";
  const said = (row: Visits) =>
    `${row.name} (median ${duration(row.median_s)} of ${counted(row.measured, "measured visit")})`;
  if (longest === shortest) return `Looked at: ${said(longest)}.`;
  return `Looked at longest: ${said(longest)}; shortest: ${said(shortest)}.`;
}

export const dwell: InsightKind<"dwell"> = {
  kind: "dwell",
  title: "Dwell",
  meaning:
    "How long visits that began in the range could be seen: visible time only. A visit lasts as long as its exit says; otherwise until the exit, the next enter in the session, or the last heartbeat, less what was hidden. What nothing tells is unknown: counted, and in no average, never 0. Medians and percentiles are exact. A breakdown goes by the value of the event that began the visit. Bots are left out unless asked for.",
  takes: { interval: false, compare: false },
  lists: ["events", "people", "sessions"],
  opening: (events) => ({
    by: events.includes("component_visit") || !events.includes("page_view") ? "component" : "page",
  }),
  whole: wholeCommon,
  Form,
  Picture,
  table,
  sentence,
  isEmpty: (answer) => answer.rows.length === 0,
};
