/** The table under a picture: every number, each of them a link to its list, and the true total. */

import { Button, Table as Mantine, ScrollArea, UnstyledButton } from "@mantine/core";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useMemo, useState } from "react";
import type { Kind } from "../api/types";
import type { As, Pick, Row, Table } from "../insights/kind";
import { change, count, duration, percent } from "../state/words";

const WORDS: Record<As, (value: number) => string> = {
  text: String,
  count,
  number: count,
  percent,
  seconds: duration,
  change,
};

export function cellWords(value: string | number | null, as: As): string {
  if (value === null) return "–";
  return typeof value === "number" ? WORDS[as](value) : value;
}

const FIRST_ROWS = 50;
/** Letters of a text that may be broken into lines. */
const LONG = 40;

interface DataTableProps<K extends Kind> {
  name: string;
  table: Table<K>;
  pick?: Pick<K> | undefined;
}

export function DataTable<K extends Kind>({ name, table, pick }: DataTableProps<K>) {
  const [order, setOrder] = useState<{ column: number; down: boolean } | null>(null);
  const [all, setAll] = useState(false);
  const sorted = useMemo(() => (order ? inOrder(table.rows, order.column, order.down) : table.rows), [table, order]);
  const rows = all ? sorted : sorted.slice(0, FIRST_ROWS);
  const flip = (column: number) =>
    setOrder((before) =>
      before?.column === column ? (before.down ? { column, down: false } : null) : { column, down: true },
    );
  return (
    <>
      <ScrollArea type="auto" viewportProps={{ tabIndex: 0, role: "region", "aria-label": name }}>
        <Mantine verticalSpacing={5} highlightOnHover className="numbers" fz="sm">
          <Mantine.Thead>
            <Mantine.Tr>
              {table.columns.map((column, at) => {
                const by = order?.column === at ? (order.down ? "descending" : "ascending") : "none";
                return (
                  // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one name
                  <Mantine.Th key={at} aria-sort={by} ta={column.as === "text" ? "left" : "right"}>
                    <UnstyledButton onClick={() => flip(at)} fz="xs" fw={600} mih={24} style={{ whiteSpace: "nowrap" }}>
                      {column.title}
                      {by === "descending" && <ArrowDown size={12} aria-hidden />}
                      {by === "ascending" && <ArrowUp size={12} aria-hidden />}
                    </UnstyledButton>
                  </Mantine.Th>
                );
              })}
            </Mantine.Tr>
          </Mantine.Thead>
          <Mantine.Tbody>
            {rows.map((row, line) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two rows may be the same
              <Line key={line} row={row} table={table} pick={pick} />
            ))}
          </Mantine.Tbody>
          {table.total && (
            <Mantine.Tfoot>
              <Line row={table.total} table={table} pick={pick} total />
            </Mantine.Tfoot>
          )}
        </Mantine>
      </ScrollArea>
      {sorted.length > rows.length && (
        <Button variant="subtle" color="gray" mt="xs" onClick={() => setAll(true)}>
          Show all {count(sorted.length)} rows
        </Button>
      )}
    </>
  );
}

interface LineProps<K extends Kind> {
  row: Row<K>;
  table: Table<K>;
  pick: Pick<K> | undefined;
  total?: boolean;
}

function Line<K extends Kind>({ row, table, pick, total = false }: LineProps<K>) {
  const names = row.cells.filter((_, at) => table.columns[at]?.as === "text");
  return (
    <Mantine.Tr fw={total ? 600 : undefined} fs={row.open ? "italic" : undefined}>
      {row.cells.map((cell, at) => {
        const column = table.columns[at];
        const text = cellWords(cell, column?.as ?? "text") + (at === 0 && row.open ? " (not complete)" : "");
        const pointer = row.pointers?.[at];
        const title = [...(column?.as === "text" ? [] : [column?.title]), ...names].filter(Boolean).join(" · ");
        return (
          <Mantine.Td
            // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
            key={at}
            ta={column?.as === "text" ? "left" : "right"}
            maw={420}
            style={
              column?.as === "text" && text.length > LONG
                ? { overflowWrap: "break-word", minWidth: 180 }
                : { whiteSpace: "nowrap" }
            }
          >
            {pick && pointer && cell !== null ? (
              <UnstyledButton
                fz="inherit"
                fw="inherit"
                mih={24}
                style={{ textDecoration: "underline dotted", textUnderlineOffset: 3 }}
                onClick={() => pick(pointer, title, column?.unit)}
              >
                {text}
              </UnstyledButton>
            ) : (
              text
            )}
          </Mantine.Td>
        );
      })}
    </Mantine.Tr>
  );
}

/** Null goes last, whichever way. */
export function inOrder<K extends Kind>(rows: readonly Row<K>[], column: number, down: boolean): Row<K>[] {
  const sign = down ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [one.cells[column] ?? null, other.cells[column] ?? null];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    if (typeof a === "number" && typeof b === "number") return sign * (a - b);
    return sign * String(a).localeCompare(String(b));
  });
}
