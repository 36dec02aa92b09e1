/** Every kind of question that the pages know: to form, picture, table and sentence. */

import type { Kind } from "../api/types";
import { components } from "./components";
import { dwell } from "./dwell";
import { funnel } from "./funnel";
import type { InsightKind } from "./kind";
import { lifecycle } from "./lifecycle";
import { paths } from "./paths";
import { retention } from "./retention";
import { sessions } from "./sessions";
import { stickiness } from "./stickiness";
import { trend } from "./trend";

export const KINDS: { [K in Kind]?: InsightKind<K> } = {
  trend,
  funnel,
  retention,
  lifecycle,
  stickiness,
  paths,
  components,
  dwell,
  sessions,
};

/** The row of a kind. What is asked and what is answered are of one kind, which the compiler cannot see from a name. */
export function kindRow(kind: Kind): InsightKind<Kind> | undefined {
  return KINDS[kind] as InsightKind<Kind> | undefined;
}
