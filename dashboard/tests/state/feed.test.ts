import { describe, expect, it } from "vitest";
import type { Event } from "../../src/api/types";
import { arrived, lastMinute, MOST_ROWS, NO_FEED, pauseAfter, paused, preceded, resumed } from "../../src/state/feed";

const event = (id: string) => ({ event: "page_view", event_id: id }) as Event;
const news = (ids: readonly string[], at = 60_000) => ids.map((id) => ({ event: event(id), at }));
const shown = (feed: typeof NO_FEED) => feed.rows.map((one) => one.event.event_id);

describe("a feed", () => {
  it("shows the newest first", () => {
    const feed = arrived(arrived(NO_FEED, news(["a", "b"])), news(["c"]));
    expect(shown(feed)).toEqual(["c", "b", "a"]);
  });

  it("shows an event once, also where it was there before", () => {
    const feed = preceded(arrived(NO_FEED, news(["b"])), [event("b"), event("a")]);
    expect(shown(arrived(feed, news(["a", "b"])))).toEqual(["b", "a"]);
  });

  it("keeps no more than it shows", () => {
    const many = Array.from({ length: MOST_ROWS + 50 }, (_, place) => String(place));
    const feed = arrived(NO_FEED, news(many));
    expect(feed.rows).toHaveLength(MOST_ROWS);
    expect(shown(feed)[0]).toBe(String(MOST_ROWS + 49));
  });

  it("holds back what comes while it is paused, says how many that are, and shows them afterwards", () => {
    const held = arrived(arrived(paused(arrived(NO_FEED, news(["a"]))), news(["b"])), news(["c"]));
    expect(shown(held)).toEqual(["a"]);
    expect(held.missing).toBe(2);
    expect(shown(resumed(held))).toEqual(["c", "b", "a"]);
    expect(resumed(held).missing).toBe(0);
  });

  it("counts also those that came while it was paused and are more than it keeps", () => {
    const many = Array.from({ length: MOST_ROWS + 50 }, (_, place) => String(place));
    const held = arrived(paused(NO_FEED), news(many));
    expect(held.missing).toBe(MOST_ROWS + 50);
    expect(held.waiting).toHaveLength(MOST_ROWS);
  });

  it("puts what was there before under what has come", () => {
    expect(shown(preceded(arrived(NO_FEED, news(["c"])), [event("b"), event("a")]))).toEqual(["c", "b", "a"]);
  });
});

describe("the last minute", () => {
  it("has what came in it, by its parts", () => {
    const feed = arrived(arrived(NO_FEED, news(["a"], 31_000)), news(["b", "c"], 59_500));
    expect(lastMinute(feed, 60_000, 2)).toEqual([0, 3]);
    expect(lastMinute(feed, 60_000, 60)[58]).toBe(2);
  });

  it("forgets what came before it", () => {
    const feed = arrived(NO_FEED, news(["a"], 31_000));
    expect(lastMinute(feed, 92_000, 1)).toEqual([0]);
  });

  it("does not count what was there before anybody looked", () => {
    expect(lastMinute(preceded(NO_FEED, [event("a")]), 60_000, 1)).toEqual([0]);
  });
});

it("asks a server that is away after pauses that grow, and not for ever", () => {
  expect([0, 1, 2, 5, 50].map(pauseAfter)).toEqual([2_000, 4_000, 8_000, 60_000, 60_000]);
});
