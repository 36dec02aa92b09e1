import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { exclusively, LEASE_MS } from "../src/lock.js";
import { openShelf, type Shelf } from "../src/shelf.js";

const NOW = Date.parse("2026-03-02T10:00:00Z");

let shelf: Shelf;
let done: string[];

const work = (what: string, ms: number) => () =>
  exclusively("queue", shelf, async () => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    done.push(what);
  });

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  vi.stubGlobal("navigator", {}); // a page that is not secure has no locks
  shelf = openShelf("", false);
  done = [];
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("where there are no locks, a lease", () => {
  test("lets one work after the other, and is given back", async () => {
    const both = [work("long", 3000)(), work("short", 10)()];
    await vi.runAllTimersAsync();
    await Promise.all(both);
    expect(done).toEqual(["long", "short"]);
    expect(shelf.names()).toEqual([]);
  });

  test("is given back when the work fails", async () => {
    await expect(exclusively("queue", shelf, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(shelf.names()).toEqual([]);
  });

  test("of a tab that died ends by itself", async () => {
    shelf.set("lease queue", String(NOW + LEASE_MS));
    const mine = work("mine", 0)();
    await vi.advanceTimersByTimeAsync(LEASE_MS - 1000);
    expect(done).toEqual([]);
    await vi.advanceTimersByTimeAsync(2000);
    await mine;
    expect(done).toEqual(["mine"]);
  });

  test("that was taken before the clock was set back holds up nobody", async () => {
    shelf.set("lease queue", String(NOW + 3_600_000));
    const mine = work("mine", 0)();
    await vi.advanceTimersByTimeAsync(10);
    await mine;
    expect(done).toEqual(["mine"]);
  });
});
