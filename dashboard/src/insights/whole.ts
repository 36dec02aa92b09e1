/** What every kind of question has in common, without what is still empty. */

import type { Schemas } from "../api/types";
import { wholeBreakdowns } from "../parts/breakdowns";
import { without } from "../state/view";

interface Common {
  breakdown?: Schemas["Breakdown"][];
  per?: string | null;
}

export function wholeCommon<T extends Common>(own: T): T {
  const breakdown = wholeBreakdowns(own.breakdown);
  const told = own.per ? own : without(own, "per");
  return breakdown.length > 0 ? { ...told, breakdown } : without(told, "breakdown");
}

/** Whether an event was chosen. */
export function isEvent(event: string | null | undefined): event is string {
  return typeof event === "string" && event.trim() !== "";
}
