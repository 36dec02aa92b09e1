/** A breakdown beside the whole: what a picture shows one part of, and a table every one. */

import type { Kind } from "../api/types";
import { valueName } from "../state/words";
import type { Column, Row, Table } from "./kind";

/** The whole, or what has one value. */
export interface Part<Numbers> {
  /** Null for the whole. */
  value: string | null;
  name: string;
  of: Numbers;
  /** What points at a number of it, beside what points at a number of the whole. */
  pointing: { breakdown?: string };
}

/** The whole first, then each value of the breakdown, in the API's order. */
export function partsOf<Segment extends { value: string }>(
  whole: Omit<Segment, "value">,
  segments: readonly Segment[] | null | undefined,
): [Part<Omit<Segment, "value">>, ...Part<Omit<Segment, "value">>[]] {
  return [
    { value: null, name: "Everything", of: whole, pointing: {} },
    ...(segments ?? []).map((one) => ({
      value: one.value,
      name: valueName(one.value),
      of: one,
      pointing: { breakdown: one.value },
    })),
  ];
}

/** The rows of every part; which part a row is of stands behind its name, where there are several. */
export function tableOf<K extends Kind, Numbers>(
  parts: readonly Part<Numbers>[],
  columns: readonly Column[],
  rowsOf: (part: Part<Numbers>) => Row<K>[],
): Table<K> {
  if (parts.length === 1) return { columns, rows: parts.flatMap(rowsOf) };
  return {
    columns: columns.toSpliced(1, 0, { title: "Of", as: "text" }),
    rows: parts.flatMap((part) => rowsOf(part).map((row) => withPart(row, part.name))),
  };
}

function withPart<K extends Kind>(row: Row<K>, name: string): Row<K> {
  return {
    ...row,
    cells: row.cells.toSpliced(1, 0, name),
    ...(row.pointers && { pointers: row.pointers.toSpliced(1, 0, null) }),
  };
}
