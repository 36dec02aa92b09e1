/** Names with a bar behind each, and more numbers beside it: components with their times, values with their rates. */

import type { CSSProperties } from "react";
import { type Tones, tintOf, useTones } from "./tones.js";

export interface BarTableCell {
  text: string;
  title?: string | undefined;
  /** Whether it is good news or bad. */
  tone?: "good" | "bad" | undefined;
  onPick?: (() => void) | undefined;
}

export interface BarTableRow {
  name: string;
  /** How long its bar is, beside the others; null for none. */
  value: number | null;
  cells: readonly BarTableCell[];
  onPick?: (() => void) | undefined;
}

export interface BarTableProps {
  name: string;
  /** Over the names. */
  corner: string;
  columns: readonly string[];
  rows: readonly BarTableRow[];
  /** The value of a whole bar, where other tables are compared with this one; else the biggest. */
  full?: number | undefined;
}

export function BarTable({ name, corner, columns, rows, full }: BarTableProps) {
  const tones = useTones();
  const most = full ?? Math.max(...rows.map((row) => row.value ?? 0), 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section aria-label={name} tabIndex={0} style={{ overflowX: "auto", maxWidth: "100%" }}>
      <table style={TABLE}>
        <caption style={{ display: "none" }}>{name}</caption>
        <thead>
          <tr style={{ color: tones.quiet }}>
            <th scope="col" style={{ ...HEAD, textAlign: "left" }}>
              {corner}
            </th>
            {columns.map((column) => (
              <th key={column} scope="col" style={HEAD}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, line) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two rows may have one name
            <tr key={line}>
              <th scope="row" style={NAME}>
                <span aria-hidden="true" style={barOf(most > 0 ? (row.value ?? 0) / most : 0, tones)} />
                <Told cell={{ text: row.name, title: row.name, onPick: row.onPick }} tones={tones} clipped />
              </th>
              {row.cells.map((cell, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
                <td key={place} style={CELL}>
                  <Told cell={cell} tones={tones} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Told({ cell, tones, clipped = false }: { cell: BarTableCell; tones: Tones; clipped?: boolean }) {
  const style: CSSProperties = {
    color: cell.tone ? tones[cell.tone] : "inherit",
    ...(clipped && CLIPPED),
  };
  if (!cell.onPick) {
    return (
      <span style={style} title={cell.title}>
        {cell.text}
      </span>
    );
  }
  return (
    <button type="button" onClick={cell.onPick} style={{ ...PLAIN, ...style }} title={cell.title}>
      {cell.text}
    </button>
  );
}

function barOf(share: number, tones: Tones): CSSProperties {
  return {
    position: "absolute",
    inset: "3px auto 3px 0",
    width: `${share * 100}%`,
    minWidth: 2,
    borderRadius: 4,
    background: tintOf(tones),
    zIndex: -1,
  };
}

const TABLE: CSSProperties = {
  width: "100%",
  borderCollapse: "collapse",
  fontSize: "0.93em",
  fontVariantNumeric: "tabular-nums",
};
const HEAD: CSSProperties = {
  fontWeight: 500,
  fontSize: "0.9em",
  padding: "2px 7px",
  textAlign: "right",
  whiteSpace: "nowrap",
};
const NAME: CSSProperties = {
  position: "relative",
  isolation: "isolate",
  width: "100%",
  minWidth: 124,
  // With a width of its own it would be as wide as the longest name.
  maxWidth: 0,
  padding: "3px 7px",
  textAlign: "left",
  fontWeight: 400,
};
const CELL: CSSProperties = { padding: "3px 7px", textAlign: "right", whiteSpace: "nowrap" };
const CLIPPED: CSSProperties = {
  display: "block",
  maxWidth: "100%",
  overflow: "hidden",
  textOverflow: "ellipsis",
  whiteSpace: "nowrap",
};
const PLAIN: CSSProperties = {
  border: 0,
  padding: 0,
  minHeight: 24,
  background: "none",
  font: "inherit",
  textAlign: "inherit",
  cursor: "pointer",
  textDecoration: "underline",
  textDecorationStyle: "dotted",
  textUnderlineOffset: 3,
};
