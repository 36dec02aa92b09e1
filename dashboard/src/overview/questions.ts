/** What the first screen asks: one question for most of it, and one for each tile that has its own. */

import type { Filter, Insights } from "../api/types";
import type { Frame } from "../state/use-view";
import type { View } from "../state/view";

export interface Questions {
  overview: Insights["overview"]["request"];
  visits: Insights["sessions"]["request"];
  errors: Insights["trend"]["request"];
  components: Insights["components"]["request"];
  /** Null where nothing that is done looks like a goal. */
  conversion: Insights["funnel"]["request"] | null;
}

/** Rows of each list. */
const ROWS = 10;

/** On this page a range is compared with the one before unless an address says otherwise. */
export const USUAL_COMPARE = "previous_period";

export function questionsOf(view: View, frame: Frame, events: readonly string[]): Questions {
  const common = {
    from: frame.bounds.from,
    to: frame.bounds.to,
    filters: view.filters ?? [],
    ...(view.bots && { include_bots: true }),
  };
  const compare = view.compare === "none" ? null : (view.compare ?? USUAL_COMPARE);
  const goal = goalOf(events);
  return {
    overview: { ...common, compare, limit: ROWS },
    visits: { ...common, by: "page", interval: null, breakdown: [], limit: 1 },
    errors: { ...common, series: [{ event: "component_error", measure: "count" }], interval: frame.interval, compare },
    components: { ...common, sort: "visits", limit: ROWS },
    conversion:
      goal === null ? null : { ...common, steps: [{ event: "page_view" }, { event: goal }], interval: frame.interval },
  };
}

/** What products call the thing that visitors should do, the most telling first. */
const GOALS: readonly string[] = [
  "purchase",
  "order_completed",
  "order_placed",
  "checkout_completed",
  "payment_succeeded",
  "subscribe",
  "subscription_started",
  "sign_up",
  "signup",
  "signed_up",
  "sign_up_completed",
  "trial_started",
  "generate_lead",
];

/** The event that ends the main funnel, where pages are seen as well: "Order Completed" is one too. */
export function goalOf(events: readonly string[]): string | null {
  if (!events.includes("page_view")) return null;
  const plain = new Map(events.map((event) => [event.toLowerCase().replaceAll(/[\s-]+/g, "_"), event]));
  const goal = GOALS.find((one) => plain.has(one));
  return (goal && plain.get(goal)) ?? null;
}

export type ListName = Insights["overview"]["answer"]["changed"] extends (infer Row)[] | undefined
  ? Row extends { list: infer Name }
    ? Name
    : never
  : never;

interface ListRow {
  title: string;
  /** One of its rows. */
  one: string;
  counts: string;
  filter: (name: string) => Filter;
}

const is = (property: string) => (name: string) => ({ property, operator: "is" as const, values: [name] });

/** The lists of the answer, in the order of the page. */
export const LISTS: Record<ListName, ListRow> = {
  pages: { title: "Top pages", one: "page", counts: "page views", filter: is("page") },
  components: { title: "Components", one: "component", counts: "visits", filter: is("component") },
  events: { title: "Events", one: "event", counts: "events", filter: is("event") },
  sources: { title: "Sources", one: "source", counts: "page views", filter: is("utm_source") },
  referrers: {
    title: "Referrers",
    one: "referrer",
    counts: "page views",
    // The list has hosts, and events have whole addresses: of this host, and not of one that begins like it.
    filter: (host) => ({
      property: "referrer",
      operator: "matches",
      values: [`^[^/]+//${host.replaceAll(/[^\w-]/g, "\\$&")}([:/?#]|$)`],
    }),
  },
  devices: { title: "Devices", one: "device", counts: "events", filter: is("device") },
};

/** Whether there was anything to compare with: from nothing, everything is new, which says nothing. */
export function isCompared(answer: Insights["overview"]["answer"]): boolean {
  return answer.tiles.some((tile) => (tile.previous ?? 0) > 0);
}
