/** Where in a text something is wrong: the server says line and column, both from 1. */

import type { Position } from "../api/client";

/** How many characters come before it. A place behind the end is the end. */
export function offsetOf(text: string, { line, column }: Position): number {
  const lines = text.split("\n");
  const at = Math.min(Math.max(line, 1), lines.length);
  const before = lines.slice(0, at - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return before + Math.min(Math.max(column, 1) - 1, lines[at - 1]?.length ?? 0);
}

export interface Pointed {
  line: number;
  text: string;
  /** Of the same length as what comes before the place, tabs kept, and a caret. */
  caret: string;
}

/** The line that is meant, and under it the caret; null where the text has no such line. */
export function pointedAt(text: string, { line, column }: Position): Pointed | null {
  const found = text.split("\n")[line - 1];
  if (found === undefined) return null;
  const before = found.slice(0, Math.max(0, column - 1));
  return {
    line,
    text: found,
    caret: `${before.replace(/[^\t]/g, " ")}${" ".repeat(Math.max(0, column - 1 - before.length))}^`,
  };
}
