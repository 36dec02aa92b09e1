import { expect, test } from "vitest";
import * as footfall from "../src/index.js";

test("on a server every function can be called, and does nothing", async () => {
  expect(typeof document).toBe("undefined");
  const client = footfall.init({ key: "k", use: [footfall.clicks, footfall.errors, footfall.scrollDepth()] });
  footfall.track("a", { b: 1 });
  footfall.page("home");
  footfall.identify("u");
  footfall.group("organization", "1");
  footfall.reset();
  footfall.optIn();
  footfall.optOut();
  footfall.trackComponentVisit("A");
  footfall.trackComponentExit("A");
  footfall.trackInteraction("A", "click");
  footfall.trackError("A", new Error("x"));
  footfall.tracker.track("a");
  new footfall.EventTracker("/api/events/collect").track("a");
  new footfall.CLMAnalytics({ lokiUrl: "/api/events/collect", debug: false }).trackComponentVisit("h", "A");
  expect(client.track("a")).toBe(false);
  expect(await footfall.flush()).toBe(false);
  client.destroy();
});

test("a tracker of known events takes those, with their properties", () => {
  const tracker = footfall.createTracker<{
    search: { query: string; results?: number };
    logout: undefined;
    filter: { by?: string };
  }>();
  tracker.track("search", { query: "boots" });
  tracker.track("logout");
  tracker.track("filter");
  // @ts-expect-error a required property is missing
  tracker.track("search", {});
  // @ts-expect-error an event that nobody planned
  tracker.track("serach", { query: "boots" });
  // @ts-expect-error a property of another type
  tracker.track("search", { query: 1 });
});
