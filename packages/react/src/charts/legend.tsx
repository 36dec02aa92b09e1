/** Which line is which: its colour and its dashes, beside its name. */

import { DASHES, toneOf, useTones } from "./tones.js";

export interface LegendProps {
  names: readonly string[];
}

export function Legend({ names }: LegendProps) {
  const tones = useTones();
  return (
    <ul style={{ listStyle: "none", display: "flex", flexWrap: "wrap", gap: "2px 16px", margin: 0, padding: 0 }}>
      {names.map((name, place) => {
        const dash = DASHES[place % DASHES.length];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: two lines may have one name
          <li key={place} style={{ display: "flex", alignItems: "center", gap: 6, minWidth: 0, fontSize: "0.9em" }}>
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
            <span style={{ overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap", maxWidth: 260 }}>
              {name}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
