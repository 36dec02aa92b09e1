import { beforeEach, describe, expect, test, vi } from "vitest";
import { uuid7 } from "../src/ids.js";
import { MAX_AGE_MS, MAX_CHARACTERS, MAX_EVENTS, type Outbox, openOutbox } from "../src/queue.js";
import { openShelf, type Shelf } from "../src/shelf.js";

const NOW = Date.parse("2026-03-02T10:00:00Z");
const MINUTE = 60_000; // an id may be born some milliseconds after its event
const NOTHING: ReadonlySet<string> = new Set();

let shelf: Shelf;
let outbox: Outbox;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  shelf = openShelf("", false);
  outbox = openOutbox(shelf);
});

function put(...events: string[]): string[] {
  return events.map((event) => {
    const id = uuid7(Date.now());
    outbox.put(id, event);
    return id;
  });
}

const all = (limit = 1e9) => outbox.take(limit, NOTHING).events;

describe("an outbox", () => {
  test("gives back what was put, oldest first, until it is removed", () => {
    const [first] = put("a", "b", "c");
    expect(all()).toEqual(["a", "b", "c"]);
    outbox.remove([first!]);
    expect(all()).toEqual(["b", "c"]);
  });

  test("is found again by whoever opens the same shelf", () => {
    put("a");
    expect(openOutbox(shelf).take(100, NOTHING).events).toEqual(["a"]);
  });

  test("fills a parcel by bytes, not by characters", () => {
    put('"é"', '"é"');
    expect(all(5)).toEqual(['"é"']);
    expect(all(10)).toEqual(['"é"', '"é"']);
  });

  test("leaves out what is under way", () => {
    const [first] = put("a", "b");
    expect(outbox.take(100, new Set([first!])).events).toEqual(["b"]);
  });

  test("gives an event that is larger than a parcel alone", () => {
    put("x".repeat(50), "b");
    expect(outbox.take(10, NOTHING).events).toEqual(["x".repeat(50)]);
    expect(outbox.take(10, NOTHING, 60).events).toEqual(["x".repeat(50)]);
  });

  test("leaves out what is too large for the way it is to go, and nothing behind it", () => {
    put("a", "x".repeat(50), "b");
    expect(outbox.take(10, NOTHING, 40).events).toEqual(["a", "b"]);
    expect(outbox.take(10, NOTHING, 0).events).toEqual([]);
  });

  test("says how many there are", () => {
    expect([uuid7(NOW), uuid7(NOW)].map((id) => outbox.put(id, "a"))).toEqual([1, 2]);
  });
});

describe("the bounds of an outbox", () => {
  test(`are ${MAX_EVENTS} events; the oldest go, and are counted`, () => {
    put(...Array.from({ length: MAX_EVENTS + 3 }, (_, n) => `${n}`));
    expect(all()).toHaveLength(MAX_EVENTS);
    expect(all()[0]).toBe("3");
    expect(outbox.dropped()).toBe(3);
  });

  test(`are ${MAX_CHARACTERS} characters`, () => {
    put(...["a", "b", "c"].map((letter) => letter.repeat(400_000)));
    expect(all().map((event) => event[0])).toEqual(["b", "c"]);
    expect(outbox.dropped()).toBe(1);
  });

  test("are seven days", () => {
    put("old");
    vi.setSystemTime(NOW + MAX_AGE_MS - MINUTE);
    put("young");
    expect(all()).toEqual(["old", "young"]);
    vi.setSystemTime(NOW + MAX_AGE_MS + MINUTE);
    expect(all()).toEqual(["young"]);
    expect(outbox.dropped()).toBe(1);
  });

  test("are reported once", () => {
    outbox.drop(put("a", "b"));
    expect(outbox.dropped()).toBe(2);
    outbox.reported(2);
    expect(outbox.dropped()).toBe(0);
    expect(all()).toEqual([]);
  });

  test("leave nothing behind when all is forgotten", () => {
    outbox.drop(put("a"));
    put("b");
    outbox.forget();
    expect(shelf.names()).toEqual([]);
  });
});
