/** A list of names, longest bar first: top pages, components, devices. */

import type { CSSProperties, ReactNode } from "react";
import { type Tones, tintOf, useTones } from "./tones.js";

export interface Bar {
  name: string;
  value: number;
  /** Beside the number, such as a change. */
  note?: ReactNode;
  onPick?: (() => void) | undefined;
  /** At the end of the row, such as a button of its own. */
  aside?: ReactNode;
}

export interface BarListProps {
  /** What is listed, for those who hear it. */
  name: string;
  bars: readonly Bar[];
  format?: (value: number) => string;
}

export function BarList({ name, bars, format = (value) => value.toLocaleString("en-US") }: BarListProps) {
  const tones = useTones();
  const most = Math.max(...bars.map((bar) => bar.value), 0);
  return (
    <ol aria-label={name} style={{ listStyle: "none", margin: 0, padding: 0, display: "grid", gap: 2 }}>
      {bars.map((bar) => (
        <li key={bar.name} style={LINE}>
          <Row bar={bar} share={most > 0 ? bar.value / most : 0} text={format(bar.value)} tones={tones} />
          {bar.aside}
        </li>
      ))}
    </ol>
  );
}

function Row({ bar, share, text, tones }: { bar: Bar; share: number; text: string; tones: Tones }) {
  const parts = (
    <>
      <span aria-hidden="true" style={{ ...BEHIND, width: `${share * 100}%`, background: tintOf(tones) }} />
      <span style={NAME} title={bar.name}>
        {bar.name}
      </span>
      {bar.note}
      <span style={{ fontWeight: 600, fontVariantNumeric: "tabular-nums" }}>{text}</span>
    </>
  );
  if (!bar.onPick) return <div style={ROW}>{parts}</div>;
  return (
    <button type="button" onClick={bar.onPick} style={{ ...ROW, cursor: "pointer" }}>
      {parts}
    </button>
  );
}

const LINE: CSSProperties = { display: "flex", alignItems: "center", gap: 2, minWidth: 0 };
const ROW: CSSProperties = {
  position: "relative",
  display: "flex",
  alignItems: "center",
  gap: 10,
  flex: 1,
  minWidth: 0,
  minHeight: 30,
  padding: "3px 8px",
  border: 0,
  borderRadius: 4,
  background: "none",
  color: "inherit",
  font: "inherit",
  textAlign: "left",
  isolation: "isolate",
};
const BEHIND: CSSProperties = { position: "absolute", inset: "0 auto 0 0", borderRadius: 4, zIndex: -1, minWidth: 2 };
const NAME: CSSProperties = {
  flex: 1,
  minWidth: 0,
  overflow: "hidden",
  textOverflow: "ellipsis",
  whiteSpace: "nowrap",
};
