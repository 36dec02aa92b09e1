import { describe, expect, test, vi } from "vitest";
import type { Client, Event, Part } from "../src/client.js";
import { lokiMessage } from "../src/clm.js";
import { described } from "../src/components.js";
import { cnil } from "../src/consent.js";
import { type ComponentSink, footfallMiddleware } from "../src/redux.js";
import { place, sample, throttle } from "../src/volume.js";

/** What a part makes of events: the names of those that it lets pass. */
function passing(part: Part, events: Partial<Event>[]): unknown[] {
  const before: Client["before"] = [];
  part({ before } as unknown as Client);
  return events
    .filter((event) => before[0]!({ event: "a", event_id: "", timestamp: 0, ...event }))
    .map((event) => event.event);
}

describe("sample", () => {
  test("takes a visitor wholly or not at all", () => {
    const ids = Array.from({ length: 2000 }, (_, n) => `0192f0c4-${n}`);
    const events = ids.flatMap((id) => [
      { event: id, anonymous_id: id },
      { event: id, anonymous_id: id },
    ]);
    const passed = passing(sample(0.25), events);
    expect(passed.length / events.length).toBeCloseTo(0.25, 1);
    expect(passed.length).toBe(new Set(passed).size * 2);
  });

  test("takes nobody, and everybody", () => {
    const events = [{ event: "a", anonymous_id: "1" }, { event: "b" }];
    expect(passing(sample(0), events)).toEqual([]);
    expect(passing(sample(1), events)).toEqual(["a", "b"]);
  });

  test("spreads ids evenly", () => {
    const places = Array.from({ length: 1000 }, (_, n) => place(`id-${n}`));
    expect(places.filter((at) => at < 0.5).length).toBeGreaterThan(420);
    expect(places.every((at) => at >= 0 && at < 1)).toBe(true);
  });
});

describe("throttle", () => {
  test("lets the same thing pass once in a while, and other things always", () => {
    const events = [
      { event: "hover", component: "A", timestamp: 0 },
      { event: "hover", component: "A", timestamp: 99 },
      { event: "hover", component: "B", timestamp: 99 },
      { event: "hover", component: "A", timestamp: 100 },
    ];
    expect(passing(throttle(100), events)).toHaveLength(3);
  });

  test("does not wait for a clock that was set back", () => {
    const events = [3_600_000, 0, 50, 100].map((timestamp) => ({ event: "hover", timestamp }));
    expect(passing(throttle(100), events)).toHaveLength(3);
  });

  test("holds back only what it is told to", () => {
    expect(passing(throttle(100, "hover"), [{ event: "click" }, { event: "click" }])).toHaveLength(2);
  });
});

test("the French preset keeps what else was set", () => {
  const part: Part = () => {};
  const options = cnil({ key: "k", use: [part] });
  expect(options).toMatchObject({ key: "k", dnt: true, consent: "full" });
  expect(options.use?.at(-1)).toBe(part);
});

test.each([
  ["an error", new TypeError("boom"), "boom"],
  ["a text", "boom", "boom"],
  ["an object with a message", { message: "boom" }, "boom"],
  ["nothing", undefined, "undefined"],
  ["null", null, "null"],
])("%s is described by its message", (_, thrown, message) => {
  expect(described(thrown).error_message).toBe(message);
});

test("a Loki push has a stream for each event name, and no label that differs by visitor", () => {
  const events = [
    { event: "visit", timestamp: 1_772_445_600_123, anonymous_id: "v1", session_id: "s1", component: "A" },
    { event: "visit", timestamp: 1_772_445_600_124, anonymous_id: "v2", session_id: "s2" },
    { event: "exit", timestamp: 1_772_445_600_125, user_id: "u1" },
  ].map((event) => JSON.stringify(event));
  const { streams } = JSON.parse(lokiMessage(events, {}).body);
  expect(streams.map(({ stream }: { stream: unknown }) => stream)).toEqual([
    { job: "clm-frontend", event: "visit" },
    { job: "clm-frontend", event: "exit" },
  ]);
  expect(streams[0].values).toEqual([
    ["1772445600123000000", events[0], { anonymous_id: "v1", session_id: "s1", component: "A" }],
    ["1772445600124000000", events[1], { anonymous_id: "v2", session_id: "s2" }],
  ]);
});

describe("the Redux middleware", () => {
  const state = { ui: { parts: [{ hash: "e1", name: "Editor" }] } };
  const sink = () => ({ trackComponentVisit: vi.fn(), trackInteraction: vi.fn(), trackError: vi.fn() });

  function dispatch(analytics: ComponentSink, action: unknown, next: (action: unknown) => unknown = () => "result") {
    const middleware = footfallMiddleware({
      activated: "ui/opened",
      components: (from: typeof state) => from.ui.parts,
      analytics,
    });
    return middleware({ getState: () => state })(next)(action);
  }

  test("takes names and places of an application's own", () => {
    const analytics = sink();
    expect(dispatch(analytics, { type: "ui/opened", payload: "e1" })).toBe("result");
    expect(analytics.trackComponentVisit).toHaveBeenCalledWith("e1", "Editor");
  });

  test("is silent about components that it does not know, and about other actions", () => {
    const analytics = sink();
    for (const action of [{ type: "ui/opened", payload: "?" }, { type: "toString" }, undefined, () => {}])
      expect(dispatch(analytics, action)).toBe("result");
    expect(analytics.trackComponentVisit).not.toHaveBeenCalled();
  });

  test("keeps its own faults from the action", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    expect(dispatch(sink(), { type: "clm/componentFailed" })).toBe("result");
    expect(warn).toHaveBeenCalled();
    warn.mockRestore();
  });

  test("does not hide the faults of the application", () => {
    const fails = () => {
      throw new Error("theirs");
    };
    expect(() => dispatch(sink(), { type: "ui/opened", payload: "e1" }, fails)).toThrow("theirs");
  });
});
