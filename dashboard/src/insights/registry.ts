/** Every kind of question that the pages know: to form, picture, table and sentence. */

import type { Kind } from "../api/types";
import type { InsightKind } from "./kind";
import { trend } from "./trend";

export const KINDS: { [K in Kind]?: InsightKind<K> } = {
  trend,
};

/** The row of a kind. What is asked and what is answered are of one kind, which the compiler cannot see from a name. */
export function kindRow(kind: Kind): InsightKind<Kind> | undefined {
  return KINDS[kind] as InsightKind<Kind> | undefined;
}
