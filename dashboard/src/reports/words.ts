/** Reports in words, and drafts of them. */

import type { Report, SentReport } from "../api/reports";

/** The tab that they stand on. */
export const REPORTS = "reports";
/** In the address, in the place of an id. */
export const NEW = "new report";

export const EVERY = { daily: "Every day", weekly: "Every week", monthly: "Every month" } as const;
export const WEEKDAYS = {
  monday: "Monday",
  tuesday: "Tuesday",
  wednesday: "Wednesday",
  thursday: "Thursday",
  friday: "Friday",
  saturday: "Saturday",
  sunday: "Sunday",
} as const;

export function scheduleWords({ every = "weekly", at = "08:00", weekday = "monday", day = 1 }: Report): string {
  if (every === "daily") return `every day at ${at}`;
  return every === "weekly" ? `every ${WEEKDAYS[weekday]} at ${at}` : `on day ${day} of each month at ${at}`;
}

/** A draft of what an address says, which is of a board or an insight; or of nothing yet. */
export function draftOf(found: Readonly<Record<string, unknown>> | undefined): Report {
  const text = (name: string) => (typeof found?.[name] === "string" ? found[name] : undefined);
  const [board, saved] = [text("board"), text("saved")];
  return {
    name: text("name") ?? "",
    ...(board !== undefined ? { board } : saved !== undefined && { saved }),
    every: "weekly",
    at: "08:00",
    weekday: "monday",
    day: 1,
    channels: [{ type: "email", target: "" }],
    enabled: true,
  };
}

const STANDING = ["id", "next", "last", "owner", "created_at", "changed_at"] as const;

/** A report without what the server says of it. */
export function asReport(report: object): Report {
  const plain: Record<string, unknown> = { ...report };
  for (const name of STANDING) delete plain[name];
  return plain as unknown as Report;
}

export function isWhole(report: Report): boolean {
  return (
    report.name.trim() !== "" &&
    Boolean(report.board || report.saved) &&
    report.channels.length > 0 &&
    report.channels.every(({ target }) => target)
  );
}

/** What became of it, in a word: the worst of its deliveries. */
export function outcomeWords({ deliveries }: SentReport): string {
  const statuses = deliveries.map(({ status }) => status);
  if (statuses.includes("dead")) return "not delivered";
  return statuses.includes("pending") ? "on its way" : "delivered";
}
