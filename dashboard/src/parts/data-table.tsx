/** The table under a picture: every number, each of them a link to its list, and the true total. */

import { Button, Table as Mantine, ScrollArea, UnstyledButton } from "@mantine/core";
import { useMemo, useState } from "react";
import type { Kind } from "../api/types";
import type { As, Pick, Row, Table } from "../insights/kind";
import { change, count, duration, percent } from "../state/words";
import { ordered, SortTh, useOrder } from "./sorting";

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
  const [order, flip] = useOrder<number>();
  const [all, setAll] = useState(false);
  const sorted = useMemo(
    () => (order ? ordered(table.rows, (row) => row.cells[order.column] ?? null, order.down) : table.rows),
    [table, order],
  );
  const rows = all ? sorted : sorted.slice(0, FIRST_ROWS);
  return (
    <>
      <ScrollArea type="auto" viewportProps={{ tabIndex: 0, role: "region", "aria-label": name }}>
        <Mantine verticalSpacing={5} highlightOnHover className="numbers" fz="sm">
          <Mantine.Thead>
            <Mantine.Tr>
              {table.columns.map((column, at) => (
                <SortTh
                  // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one name
                  key={at}
                  column={at}
                  title={column.title}
                  order={order}
                  flip={flip}
                  right={column.as !== "text"}
                />
              ))}
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
