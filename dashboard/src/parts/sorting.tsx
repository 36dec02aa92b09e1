/** Tables that are sorted by a column: the largest first, then the smallest, then as they came. */

import { Table, UnstyledButton } from "@mantine/core";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useState } from "react";

export interface Order<Column> {
  column: Column;
  down: boolean;
}

/** By which column, and what turns it. */
export function useOrder<Column>(): readonly [Order<Column> | null, (column: Column) => void] {
  const [order, setOrder] = useState<Order<Column> | null>(null);
  const flip = (column: Column) =>
    setOrder((before) =>
      before?.column === column ? (before.down ? { column, down: false } : null) : { column, down: true },
    );
  return [order, flip];
}

interface SortThProps<Column> {
  column: Column;
  title: string;
  order: Order<Column> | null;
  flip: (column: Column) => void;
  right?: boolean;
  /** On windows that are narrower it is left out. */
  visibleFrom?: "xs" | "sm" | "md" | "lg" | undefined;
}

/** The head of a column, which sorts by it. */
export function SortTh<Column>({ column, title, order, flip, right = false, visibleFrom }: SortThProps<Column>) {
  const by = order?.column === column ? (order.down ? "descending" : "ascending") : "none";
  return (
    <Table.Th aria-sort={by} ta={right ? "right" : "left"} {...(visibleFrom && { visibleFrom })}>
      <UnstyledButton onClick={() => flip(column)} fz="xs" fw={600} mih={24} style={{ whiteSpace: "nowrap" }}>
        {title}
        {by === "descending" && <ArrowDown size={12} aria-hidden />}
        {by === "ascending" && <ArrowUp size={12} aria-hidden />}
      </UnstyledButton>
    </Table.Th>
  );
}

export type Sortable = string | number | null;

/** Null goes last, whichever way. */
export function ordered<Row>(rows: readonly Row[], keyOf: (row: Row) => Sortable, down: boolean): Row[] {
  const sign = down ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [keyOf(one), keyOf(other)];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    if (typeof a === "number" && typeof b === "number") return sign * (a - b);
    return sign * String(a).localeCompare(String(b));
  });
}
