/**
 * The colours of charts, in light and dark, and the dashes that tell series apart without them.
 *
 * The hues are those of Okabe and Ito (2008), told apart with every common kind of colour blindness, moved until each
 * has 3:1 against its ground (WCAG 2.2, 1.4.11).
 */

import { createContext, type ReactNode, useContext, useSyncExternalStore } from "react";

export type Scheme = "light" | "dark";

export interface Tones {
  series: readonly string[];
  ink: string;
  quiet: string;
  line: string;
  ground: string;
  /** Fills behind a bar or a cell. */
  soft: string;
  good: string;
  bad: string;
}

export const TONES: Record<Scheme, Tones> = {
  light: {
    series: ["#0b6bb5", "#c8500a", "#00805f", "#a3478f", "#8a6a00", "#3a8fb7", "#5c5f66", "#8c4a2f"],
    ink: "#1c1f23",
    quiet: "#5a6069",
    line: "#dcdedf",
    ground: "#ffffff",
    soft: "#eef1f4",
    good: "#00704f",
    bad: "#b3360b",
  },
  dark: {
    series: ["#5cb0f2", "#f59056", "#35c69c", "#dc8fcb", "#d9b640", "#8fd0ee", "#aab0ba", "#d59a7f"],
    ink: "#e9ebee",
    quiet: "#a2a9b3",
    line: "#363b42",
    ground: "#1b1e22",
    soft: "#282c32",
    good: "#4fd3a5",
    bad: "#ff9066",
  },
};

/** Lengths of dashes and gaps. */
const DASHES: readonly ("solid" | number[])[] = [
  "solid",
  [7, 4],
  [2, 3],
  [10, 3, 2, 3],
  [4, 2],
  [12, 5],
  [2, 6],
  [6, 2, 2, 2],
];

const SchemeContext = createContext<Scheme | null>(null);

/** Fixes the scheme of the charts inside; without it they follow the system. */
export function ChartScheme({ scheme, children }: { scheme: Scheme; children: ReactNode }) {
  return <SchemeContext.Provider value={scheme}>{children}</SchemeContext.Provider>;
}

const DARK = "(prefers-color-scheme: dark)";

function onSystemChange(changed: () => void): () => void {
  const query = globalThis.matchMedia(DARK);
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}

export function useTones(): Tones {
  const chosen = useContext(SchemeContext);
  const system = useSyncExternalStore<Scheme>(
    onSystemChange,
    () => (globalThis.matchMedia(DARK).matches ? "dark" : "light"),
    () => "light",
  );
  return TONES[chosen ?? system];
}

/** The dashes of the series at a place. Where colours begin anew, dashes are others, so that no two of 64 are alike. */
export function dashOf(place: number): "solid" | number[] {
  return DASHES[(place + Math.floor(place / DASHES.length)) % DASHES.length] ?? "solid";
}

/** What lies behind a name as its bar: the ink keeps 4.5:1 on it. */
export function tintOf(tones: Tones): string {
  return `color-mix(in oklab, ${tones.series[0]} 18%, ${tones.ground})`;
}

/** The tone of the series at a place. */
export function toneOf(tones: Tones, place: number): string {
  return tones.series[place % tones.series.length] ?? tones.ink;
}
