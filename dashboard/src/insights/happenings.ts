/** What was written down as having happened, at its place in a picture. */

import type { Note } from "../charts";
import type { Happening } from "./kind";

/** The bucket that each lies in; those before the first are left out. Whoever asks for them asks for those of the range. */
export function notesAt(happenings: readonly Happening[], buckets: readonly string[]): Note[] {
  const starts = buckets.map((bucket) => Date.parse(bucket));
  return happenings.flatMap(({ at, text }) => {
    const moment = Date.parse(at);
    const index = starts.findLastIndex((start) => start <= moment);
    return index < 0 ? [] : [{ index, text }];
  });
}
