/** A table whose cells are the darker the more they say: cohorts of retention, moves from page to page. */

import type { CSSProperties } from "react";
import { type Tones, useTones } from "./tones.js";

export interface GridCell {
  /** 0 to 1: how dark. */
  weight: number;
  text: string;
  title?: string | undefined;
  /** The bucket is not over. */
  open?: boolean | undefined;
  onPick?: (() => void) | undefined;
}

export interface GridRow {
  name: string;
  /** Beside the name, such as how many a cohort has. */
  note?: string | undefined;
  /** Opens what is behind the note. */
  onPick?: (() => void) | undefined;
  cells: readonly (GridCell | null)[];
}

export interface GridProps {
  name: string;
  /** Over the names of the rows. */
  corner: string;
  columns: readonly string[];
  rows: readonly GridRow[];
}

export function Grid({ name, corner, columns, rows }: GridProps) {
  const tones = useTones();
  const noted = rows.some((row) => row.note !== undefined);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section aria-label={name} tabIndex={0} style={{ overflowX: "auto", maxWidth: "100%" }}>
      <table
        style={{ borderCollapse: "separate", borderSpacing: 2, fontVariantNumeric: "tabular-nums", fontSize: "0.9em" }}
      >
        <caption style={{ display: "none" }}>{name}</caption>
        <thead>
          <tr>
            <th
              scope="col"
              style={{ ...HEAD, ...STAYS, background: tones.ground, color: tones.quiet, textAlign: "left" }}
              colSpan={noted ? 2 : 1}
            >
              {corner}
            </th>
            {columns.map((column, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one name
              <th key={place} scope="col" title={column} style={{ ...HEAD, color: tones.quiet }}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, line) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two rows may have one name
            <tr key={line}>
              <th scope="row" title={row.name} style={{ ...NAME, ...STAYS, background: tones.ground }}>
                {row.name}
              </th>
              {noted && (
                <td style={{ padding: 0 }}>
                  {row.onPick ? (
                    <button type="button" onClick={row.onPick} style={{ ...CELL, ...NOTE, color: tones.quiet }}>
                      {row.note}
                    </button>
                  ) : (
                    <div style={{ ...CELL, color: tones.quiet }}>{row.note}</div>
                  )}
                </td>
              )}
              {row.cells.map((cell, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
                <td key={place} style={{ padding: 0 }}>
                  {cell && <Cell cell={cell} tones={tones} />}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Cell({ cell, tones }: { cell: GridCell; tones: Tones }) {
  const style: CSSProperties = {
    ...CELL,
    background: `color-mix(in oklab, ${tones.series[0]} ${Math.round(4 + cell.weight * STRONGEST)}%, ${tones.ground})`,
    color: tones.ink,
    ...(cell.open && { outline: `1px dashed ${tones.quiet}`, outlineOffset: -2 }),
  };
  if (!cell.onPick) {
    return (
      <div style={style} title={cell.title}>
        {cell.text}
      </div>
    );
  }
  return (
    <button type="button" onClick={cell.onPick} style={{ ...style, cursor: "pointer" }} title={cell.title}>
      {cell.text}
    </button>
  );
}

/** In percent: the ink keeps 4.5:1 on it. */
const STRONGEST = 52;
const CUT: CSSProperties = { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" };
const STAYS: CSSProperties = { position: "sticky", left: 0, zIndex: 1 };
const HEAD: CSSProperties = { fontWeight: 500, fontSize: "0.9em", padding: "2px 6px", ...CUT, maxWidth: 130 };
const NAME: CSSProperties = {
  textAlign: "left",
  fontWeight: 500,
  padding: "0 10px 0 0",
  ...CUT,
  maxWidth: "min(220px, 46vw)",
};
const CELL: CSSProperties = {
  minWidth: 52,
  width: "100%",
  minHeight: 28,
  padding: "4px 8px",
  border: 0,
  borderRadius: 3,
  font: "inherit",
  textAlign: "right",
  whiteSpace: "nowrap",
};
const NOTE: CSSProperties = {
  background: "none",
  cursor: "pointer",
  textDecoration: "underline",
  textDecorationStyle: "dotted",
  textUnderlineOffset: 3,
};
