/**
 * The table of keys. What a key does (`use-keys.ts`), what a tooltip says of it (`parts/keyed.tsx`) and what the help
 * lists (`parts/help.tsx`) all come from here.
 *
 * A key counts only where nothing is being typed, and all of them that have no Ctrl or Cmd can be switched off
 * (WCAG 2.2, 2.1.4).
 */

import { PAGES, type PagePath } from "../pages";
import { PRESETS } from "./range";

/** What a part carries as `data-hotkey`, to be clicked, or opened where it is a field. */
export type Pressed = "filter" | "breakdown" | "compare" | "interval" | "save" | "annotate" | "edit" | "search";

export type Deed =
  | { does: "go"; to: PagePath; right: string }
  | { does: "range"; range: string }
  | { does: "move"; steps: -1 | 1 }
  | { does: "press"; what: Pressed }
  | { does: "palette" | "help" | "clear" }
  /** The part that is open sees to it. */
  | { does: "itself" };

export interface KeyRow {
  id: string;
  /** One stroke, or two after each other: `g t`. A stroke is what the keyboard says it is, as in `?` or `ArrowLeft`. */
  keys: string;
  title: string;
  group: (typeof GROUPS)[number];
  deed: Deed;
}

export const GROUPS = ["Everywhere", "This page", "Range of time", "Go to"] as const;

export const KEYS: readonly KeyRow[] = [
  everywhere("palette", "mod+k", "Find a page, a saved insight, a board, an event or somebody", { does: "palette" }),
  everywhere("search", "/", "Search on this page, or everywhere", { does: "press", what: "search" }),
  everywhere("help", "?", "Show these keys", { does: "help" }),
  everywhere("close", "Escape", "Close what lies on top", { does: "itself" }),
  onPage("filter", "f", "Filter"),
  onPage("breakdown", "b", "Break down"),
  onPage("compare", "c", "Compare with another period"),
  onPage("interval", "i", "Choose the interval"),
  onPage("save", "s", "Save"),
  onPage("annotate", "a", "Write down what happened"),
  onPage("edit", ".", "Arrange the board"),
  { id: "clear", keys: "x", title: "Remove all filters", group: "This page", deed: { does: "clear" } },
  ...PRESETS.map(
    ({ range, key, title }): KeyRow => ({
      id: `range ${range}`,
      keys: key,
      title,
      group: "Range of time",
      deed: { does: "range", range },
    }),
  ),
  ranged("before", "ArrowLeft", "The range before", -1),
  ranged("after", "ArrowRight", "The range after", 1),
  ...PAGES.map(
    ({ path, key, title, right }): KeyRow => ({
      id: `go ${path}`,
      keys: `g ${key}`,
      title,
      group: "Go to",
      deed: { does: "go", to: path, right },
    }),
  ),
];

function everywhere(id: string, keys: string, title: string, deed: Deed): KeyRow {
  return { id, keys, title, group: "Everywhere", deed };
}

function onPage(what: Pressed, keys: string, title: string): KeyRow {
  return { id: what, keys, title, group: "This page", deed: { does: "press", what } };
}

function ranged(id: string, keys: string, title: string, steps: -1 | 1): KeyRow {
  return { id, keys, title, group: "Range of time", deed: { does: "move", steps } };
}

export function keyRow(id: string): KeyRow | undefined {
  return KEYS.find((row) => row.id === id);
}

/** What a keyboard did, of what counts here. */
export interface Stroke {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** As the table writes it; null for what is none of ours. */
export function strokeOf({ key, ctrlKey, metaKey, altKey }: Stroke): string | null {
  if (altKey) return null;
  return ctrlKey || metaKey ? `mod+${key.toLowerCase()}` : key;
}

/** What a stroke comes to, after the one before it: a row, or that one more is waited for. */
export function found(stroke: string, before: string | null): KeyRow | "more" | null {
  const second = before === null ? undefined : KEYS.find((row) => row.keys === `${before} ${stroke}`);
  if (second) return second;
  if (KEYS.some((row) => row.keys.startsWith(`${stroke} `))) return "more";
  return KEYS.find((row) => row.keys === stroke) ?? null;
}

/** Whether it goes on where keys without Ctrl or Cmd are switched off. */
export function isAlwaysOn(row: KeyRow): boolean {
  return row.keys.startsWith("mod+") || row.deed.does === "itself";
}

const CAPS: Record<string, string> = {
  mod: "Ctrl",
  Escape: "Esc",
  ArrowLeft: "←",
  ArrowRight: "→",
};

/** As they stand on a keyboard: `g t` is G and then T, `mod+k` Ctrl (⌘ on a Mac) with K. */
export function capsOf(keys: string, mac = false): string[][] {
  return keys
    .split(" ")
    .map((stroke) =>
      stroke
        .split("+")
        .map((cap) => (cap === "mod" && mac ? "⌘" : (CAPS[cap] ?? (cap.length === 1 ? cap.toUpperCase() : cap)))),
    );
}

export function isMac(): boolean {
  return /mac|iphone|ipad/i.test(globalThis.navigator?.platform ?? "");
}
