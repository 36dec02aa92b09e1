import { describe, expect, it } from "vitest";
import { between, everyDay, pointsOf } from "../../src/people/timeline";

const moment = (timestamp: string) => ({
  event: "page_view",
  event_id: timestamp,
  timestamp,
  page: null,
  component: null,
  action: null,
});

describe("a timeline", () => {
  it("puts each moment at its place, and says how long nothing happened before it", () => {
    const points = pointsOf(
      ["2026-03-03T08:00:00Z", "2026-03-03T08:01:00Z", "2026-03-03T08:04:00Z"].map((at) => moment(at)),
    );
    expect(points.map((one) => one.at)).toEqual([0, 0.25, 1]);
    expect(points.map((one) => one.after)).toEqual([0, 60, 180]);
  });

  it("of one moment has it at the beginning", () => {
    expect(pointsOf([moment("2026-03-03T08:00:00Z")])[0]).toMatchObject({ at: 0, after: 0 });
    expect(pointsOf([])).toEqual([]);
  });
});

it("the time between two sessions runs from the end of the earlier one", () => {
  const earlier = { started: "2026-03-03T08:00:00Z", duration_s: 300 };
  expect(between({ started: "2026-03-03T09:05:00Z", duration_s: 1 }, earlier)).toBe(3600);
  expect(between(earlier, earlier)).toBe(0);
});

it("days without events are days too, also over a change of clocks", () => {
  const days = everyDay([
    { day: "2026-03-28T00:00:00+01:00", events: 2 },
    { day: "2026-03-31T00:00:00+02:00", events: 1 },
  ]);
  expect(days).toEqual([
    { day: "2026-03-28", events: 2 },
    { day: "2026-03-29", events: 0 },
    { day: "2026-03-30", events: 0 },
    { day: "2026-03-31", events: 1 },
  ]);
  expect(everyDay([])).toEqual([]);
});
