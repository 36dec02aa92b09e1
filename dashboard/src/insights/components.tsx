/** Components: which are visited, used and failing most and least, for how long, and what changed. */

import { Box, SimpleGrid, Text } from "@mantine/core";
import type { Insights, Schemas, Unit } from "../api/types";
import { BarTable, type BarTableCell } from "../charts";
import { Choice } from "../parts/choice";
import { CommonFields } from "../parts/common-fields";
import { cellWords } from "../parts/data-table";
import { useOneOf } from "../parts/one-of";
import { whoOf } from "../parts/per";
import { change as changeWords, count, counted } from "../state/words";
import type { Column, FormProps, InsightKind, Own, PictureProps, Row, Table } from "./kind";
import { type Part, partsOf, tableOf } from "./segments";
import { wholeCommon } from "./whole";

type Answer = Insights["components"]["answer"];
type Used = Schemas["components_Row"];
type Sort = NonNullable<Own<"components">["sort"]>;
type Pointer = Insights["components"]["pointer"];

interface SortRow {
  text: string;
  /** Over both ends of the list. */
  most: string;
  least: string;
}

export const SORTS: Record<Sort, SortRow> = {
  visits: { text: "visits", most: "Most visited", least: "Least visited" },
  interactions: { text: "interactions", most: "Most used", least: "Least used" },
  errors: { text: "errors", most: "Most errors", least: "Fewest errors" },
  users: { text: "people", most: "By most people", least: "By fewest people" },
  median_s: { text: "median time", most: "Looked at longest", least: "Looked at shortest" },
  change: { text: "change", most: "Grew most", least: "Fell most" },
  component: { text: "name", most: "Last of the alphabet", least: "First of the alphabet" },
};

const ORDERS: Record<NonNullable<Own<"components">["order"]>, string> = {
  descending: "most first",
  ascending: "least first",
};

function Form({ own, change }: FormProps<"components">) {
  return (
    <CommonFields own={own} change={change} event="component_visit">
      <Choice
        label="Sorted by"
        w={150}
        value={own.sort ?? "visits"}
        options={
          Object.fromEntries(Object.entries(SORTS).map(([sort, { text }]) => [sort, text])) as Record<Sort, string>
        }
        onChange={(sort) => change({ ...own, sort })}
      />
      <Choice
        label="In the table"
        w={130}
        value={own.order ?? "descending"}
        options={ORDERS}
        onChange={(order) => change({ ...own, order })}
      />
    </CommonFields>
  );
}

interface NumberRow {
  title: string;
  as: Column["as"];
  field: Exclude<Sort, "component">;
  /** What points at it, beside the row; a number without is in no list. */
  more?: Omit<Pointer, "row">;
  unit?: Unit;
}

const NUMBERS: readonly NumberRow[] = [
  { title: "Visits", as: "count", field: "visits", more: { of: "visits" } },
  { title: "Median", as: "seconds", field: "median_s" },
  { title: "Interactions", as: "count", field: "interactions", more: { of: "interactions" } },
  { title: "Errors", as: "count", field: "errors", more: { of: "errors" } },
  { title: "People", as: "count", field: "users", more: {}, unit: "people" },
  { title: "Change", as: "change", field: "change" },
];

const MOST_ROWS = 8;

/** The rows with the most and those with the least, which share none; what has no number is at no end. */
export function endsOf(rows: readonly Used[], own: Own<"components">): { most: Used[]; least: Used[] } {
  const sort = own.sort ?? "visits";
  const known = rows.filter((row) => row[sort] !== null);
  const down = own.order === "ascending" ? known.toReversed() : known;
  const half = Math.ceil(down.length / 2);
  return {
    most: down.slice(0, Math.min(MOST_ROWS, half)),
    least: down.slice(Math.max(half, down.length - MOST_ROWS)).toReversed(),
  };
}

function Picture({ answer, own, pick }: PictureProps<"components">) {
  const [part, chooser] = useOneOf(partsOf(answer, answer.breakdowns));
  const ends = endsOf(part.of.rows, own);
  const titles = SORTS[own.sort ?? "visits"];
  return (
    <>
      {chooser}
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl">
        <End title={titles.most} rows={ends.most} part={part} own={own} pick={pick} />
        {ends.least.length > 0 && <End title={titles.least} rows={ends.least} part={part} own={own} pick={pick} />}
      </SimpleGrid>
    </>
  );
}

interface EndProps {
  title: string;
  rows: readonly Used[];
  part: Part<Pick<Answer, "rows">>;
  own: Own<"components">;
  pick: PictureProps<"components">["pick"];
}

function End({ title, rows, part, own, pick }: EndProps) {
  const measure = measureOf(own.sort ?? "visits");
  const cellOf = (row: Used, { title: said, as, field, more, unit }: NumberRow): BarTableCell => ({
    text: cellWords(row[field], as),
    tone: field === "errors" && row.errors > 0 ? "bad" : undefined,
    onPick:
      pick && more
        ? () =>
            pick(
              { row: row.component, ...more, ...part.pointing },
              [said, row.component, ...(part.value === null ? [] : [part.name])].join(" · "),
              unit,
            )
        : undefined,
  });
  return (
    <Box>
      <Text component="h3" fw={600} fz="sm" mb={4}>
        {title}
      </Text>
      <BarTable
        name={title}
        corner="Component"
        full={Math.max(0, ...part.of.rows.map((row) => row[measure] ?? 0))}
        columns={NUMBERS.map((number) => titleOf(number, own))}
        rows={rows.map((row) => ({
          name: row.component,
          value: row[measure],
          cells: NUMBERS.map((number) => cellOf(row, number)),
        }))}
      />
    </Box>
  );
}

/** What bars are as long as: a name has no length, and a change may go below zero. */
function measureOf(sort: Sort): Exclude<Sort, "component" | "change"> {
  return sort === "component" || sort === "change" ? "visits" : sort;
}

function titleOf({ title, field }: NumberRow, own: Own<"components">): string {
  return field === "users" && own.per ? "Groups" : title;
}

function table(answer: Answer, own: Own<"components">): Table<"components"> {
  const columns: Column[] = [
    { title: "Component", as: "text" },
    ...NUMBERS.map((number): Column => ({ title: titleOf(number, own), as: number.as, unit: number.unit })),
  ];
  return tableOf(partsOf(answer, answer.breakdowns), columns, ({ of, pointing }: Part<Pick<Answer, "rows">>) =>
    of.rows.map(
      (row): Row<"components"> => ({
        cells: [row.component, ...NUMBERS.map(({ field }) => row[field])],
        pointers: [null, ...NUMBERS.map(({ more }) => (more ? { row: row.component, ...more, ...pointing } : null))],
      }),
    ),
  );
}

function sentence({ rows }: Answer, own: Own<"components">): string {
  const who = whoOf(own.per);
  const by = (field: "visits" | "errors") => [...rows].sort((one, other) => other[field] - one[field]);
  const [most, failing] = [by("visits")[0], by("errors")[0]];
  if (!most || !failing) return "";
  const moved = most.change === null ? "" : `, ${changeWords(most.change)} against before`;
  const errors = failing.errors > 0 ? ` Most errors: ${failing.component} (${count(failing.errors)}).` : " No errors.";
  const told = [counted(most.visits, "visit"), counted(most.users, who.one, who.many)].join(", ") + moved;
  return `${counted(rows.length, "component")}. Most visited: ${most.component} (${told}).${errors}`;
}

export const components: InsightKind<"components"> = {
  kind: "components",
  title: "Components",
  meaning:
    "Components that were visited, used or failing in the range, or visited in the period before. Visits, interactions and errors are events; people are everybody who did any of these. The median time is that of visits whose visible time is known. The change is that of visits against the same number of days before, or as much of them as has passed of these; from nothing to something it has no number. A breakdown goes by each event's own value. Bots are left out unless asked for.",
  takes: { interval: false, compare: false },
  lists: ["events", "people", "sessions"],
  opening: () => ({ sort: "visits", order: "descending" }),
  whole: wholeCommon,
  Form,
  Picture,
  table,
  sentence,
  isEmpty: (answer) => answer.rows.length === 0,
};
