/** What stands around a chart on a page of somebody's own. */

import type { ReactNode } from "react";
import type { Asked } from "./answer.js";
import { useTones } from "./tones.js";

interface ChartCardProps {
  title: string;
  /** Beside the title. */
  choice?: ReactNode;
  asked: Asked<unknown>;
  /** The numbers of the picture, for those who read rather than look. */
  table?: ChartTable | undefined;
  children: ReactNode;
}

export interface ChartTable {
  columns: readonly string[];
  rows: readonly (readonly (string | number | null)[])[];
}

export function ChartCard({ title, choice, asked, table, children }: ChartCardProps) {
  const tones = useTones();
  const before = asked.data !== undefined && (asked.busy || asked.error !== undefined);
  return (
    <section aria-label={title} aria-busy={asked.busy} style={{ color: tones.ink }}>
      <div
        style={{
          display: "flex",
          flexWrap: "wrap",
          justifyContent: "space-between",
          alignItems: "center",
          gap: 8,
          marginBottom: 12,
        }}
      >
        <h3 style={{ margin: 0, fontSize: "1.05em" }}>{title}</h3>
        {choice}
      </div>
      {asked.error && (
        <p role="alert" style={{ color: tones.bad }}>
          {asked.error} {asked.data !== undefined && "What is shown is of before. "}
          <button type="button" onClick={asked.again}>
            Try again
          </button>
        </p>
      )}
      <div style={{ opacity: before ? 0.5 : 1 }}>
        {children}
        {table && <Numbers name={title} table={table} />}
      </div>
      {asked.busy && asked.data === undefined && <p style={{ color: tones.quiet }}>Loading …</p>}
    </section>
  );
}

function Numbers({ name, table }: { name: string; table: ChartTable }) {
  return (
    <details style={{ marginTop: 8 }}>
      <summary style={{ cursor: "pointer", minHeight: 24 }}>All numbers</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <section aria-label={`${name}, all numbers`} tabIndex={0} style={{ overflow: "auto", maxHeight: 320 }}>
        <table style={{ borderCollapse: "collapse", fontVariantNumeric: "tabular-nums" }}>
          <thead>
            <tr>
              {table.columns.map((column) => (
                <th key={column} scope="col" style={CELL}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map(([first, ...rest], line) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
              <tr key={line}>
                <th scope="row" style={{ ...CELL, fontWeight: 400 }}>
                  {first}
                </th>
                {rest.map((cell, place) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
                  <td key={place} style={{ ...CELL, textAlign: "right" }}>
                    {typeof cell === "number" ? cell.toLocaleString("en-US") : (cell ?? "–")}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

const CELL = { padding: "2px 12px 2px 0", textAlign: "left" } as const;
