/** Which line is which: its colour and its dashes, beside its name. Where lines can be hidden, each is a switch. */

import type { CSSProperties } from "react";
import { dashOf, type Tones, toneOf, useTones } from "./tones.js";

export interface LegendProps {
  names: readonly string[];
  /** By place, since two lines may have one name. */
  hidden?: ReadonlySet<number> | undefined;
  onToggle?: ((place: number) => void) | undefined;
}

export function Legend({ names, hidden, onToggle }: LegendProps) {
  const tones = useTones();
  return (
    <ul aria-label="Lines" style={LIST}>
      {names.map((name, place) => {
        const off = hidden?.has(place) ?? false;
        const parts = (
          <>
            <Sample place={place} tones={tones} />
            <span style={NAME}>{name}</span>
          </>
        );
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: two lines may have one name
          <li key={place} style={{ minWidth: 0 }}>
            {onToggle ? (
              <button
                type="button"
                aria-pressed={!off}
                title={off ? `Show ${name}` : `Hide ${name}`}
                onClick={() => onToggle(place)}
                style={{ ...ITEM, ...BUTTON, ...(off && { color: tones.quiet, textDecoration: "line-through" }) }}
              >
                {parts}
              </button>
            ) : (
              <span style={ITEM}>{parts}</span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Sample({ place, tones }: { place: number; tones: Tones }) {
  const dash = dashOf(place);
  return (
    <svg width={22} height={8} aria-hidden="true" style={{ flex: "none" }}>
      <line
        x1={0}
        x2={22}
        y1={4}
        y2={4}
        stroke={toneOf(tones, place)}
        strokeWidth={2.5}
        strokeDasharray={Array.isArray(dash) ? dash.join(" ") : undefined}
      />
    </svg>
  );
}

const LIST: CSSProperties = {
  listStyle: "none",
  display: "flex",
  flexWrap: "wrap",
  gap: "0 14px",
  margin: 0,
  padding: 0,
  fontSize: "0.9em",
};
const ITEM: CSSProperties = { display: "flex", alignItems: "center", gap: 6, minHeight: 24, maxWidth: "100%" };
const BUTTON: CSSProperties = { border: 0, padding: 0, background: "none", font: "inherit", cursor: "pointer" };
const NAME: CSSProperties = { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap", maxWidth: 280 };
