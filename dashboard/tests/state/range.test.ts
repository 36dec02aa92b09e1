import { describe, expect, test } from "vitest";
import {
  boundsOf,
  defaultInterval,
  intervalsFor,
  movedRange,
  PRESETS,
  rangeFromText,
  rangeOfBuckets,
  todayIn,
  untilNow,
} from "../../src/state/range";

const NOON = Date.parse("2026-03-15T12:00:00Z");
const at = (moment: string) => Date.parse(moment);

describe("presets", () => {
  test.each([
    // A day ahead of UTC, a day behind it, and one whose clock changes.
    ["Pacific/Kiritimati", "2026-03-01T11:00:00Z", "2026-02-24", "2026-03-03"],
    ["Pacific/Pago_Pago", "2026-03-01T10:30:00Z", "2026-02-22", "2026-03-01"],
    ["Europe/Berlin", "2026-10-25T23:30:00Z", "2026-10-20", "2026-10-27"],
  ])("the last 7 days in %s are those of its calendar", (zone, now, from, to) => {
    expect(boundsOf("7d", zone, at(now))).toMatchObject({ from, to, days: 7, running: true });
  });

  test.each([
    ["today", "2026-03-15", "2026-03-16", true],
    ["yesterday", "2026-03-14", "2026-03-15", false],
    ["30d", "2026-02-14", "2026-03-16", true],
    ["2w", "2026-03-02", "2026-03-16", true],
    ["mtd", "2026-03-01", "2026-03-16", true],
    ["12m", "2025-04-01", "2026-03-16", true],
    ["1m", "2026-03-01", "2026-03-16", true],
  ])("%s begins and ends with days", (range, from, to, running) => {
    expect(boundsOf(range, "Europe/Berlin", NOON)).toMatchObject({ from, to, running });
  });

  test("every one of them is understood", () => {
    for (const { range } of PRESETS) expect(boundsOf(range, "Asia/Kolkata", NOON), range).not.toBeNull();
  });

  test("no two have one key", () => {
    expect(new Set(PRESETS.map(({ key }) => key)).size).toBe(PRESETS.length);
  });

  test("24 hours are hours, also when the clock changes, and reach to the end of the running one", () => {
    const bounds = boundsOf("24h", "Europe/Berlin", at("2026-03-29T10:20:00Z"));
    expect(bounds).toMatchObject({ from: "2026-03-28T11:00:00.000Z", to: "2026-03-29T11:00:00.000Z", days: 1 });
  });
});

describe("ranges of an address", () => {
  test("both days are included, and the server is asked up to the next one", () => {
    const bounds = boundsOf("2026-03-01..2026-03-14", "UTC", NOON);
    expect(bounds).toEqual({
      from: "2026-03-01",
      to: "2026-03-15",
      days: 14,
      words: "1 – 14 Mar 2026",
      running: false,
    });
  });

  test.each([
    ["2026-03-29..2026-03-29", 1],
    ["2026-10-25..2026-10-25", 1],
    ["2026-03-28..2026-03-30", 3],
  ])("%s are %d calendar days, whatever the clock does", (range, days) => {
    expect(boundsOf(range, "Europe/Berlin", at("2026-12-01T12:00:00Z"))?.days).toBe(days);
  });

  test("moments do not include their end", () => {
    const range = "2026-03-29T01:00:00+01:00..2026-03-29T05:00:00+02:00";
    const bounds = boundsOf(range, "Europe/Berlin", at("2026-04-01T00:00:00Z"));
    expect(bounds?.days).toBeCloseTo(3 / 24);
    expect(bounds).toMatchObject({ to: "2026-03-29T05:00:00+02:00", running: false });
  });

  test("without an end it goes on until today", () => {
    expect(boundsOf("2026-03-10..", "UTC", NOON)).toMatchObject({
      from: "2026-03-10",
      to: "2026-03-16",
      running: true,
    });
  });

  test.each([
    "",
    "soon",
    "0d",
    "2026-03-14..2026-03-01",
    "2026-02-30..2026-03-01",
    "2026-03-01..2026-03-02..2026-03-03",
    "1900-01-01..2026-01-01",
    "2026-03-02T00:00:00Z..2026-03-01T00:00:00Z",
  ])("“%s” says nothing", (range) => {
    expect(boundsOf(range, "UTC", NOON)).toBeNull();
  });
});

describe("typed", () => {
  test.each([
    ["last 6 weeks", "6w"],
    ["the last 24 hours", "24h"],
    ["Past 3 Days", "3d"],
    ["last week", "1w"],
    ["last month", "2026-02-01..2026-02-28"],
    ["last 2 months", "2m"],
    ["this month", "mtd"],
    ["today", "today"],
    ["30d", "30d"],
    ["since 3 Mar", "2026-03-03.."],
    ["from March 3, 2026", "2026-03-03.."],
    ["since yesterday", "2026-03-14.."],
    ["1 mar – 14 mar", "2026-03-01..2026-03-14"],
    ["1 Mar - 14 Mar", "2026-03-01..2026-03-14"],
    ["from 1 mar until 14 mar", "2026-03-01..2026-03-14"],
    ["2026-03-01 to 2026-03-14", "2026-03-01..2026-03-14"],
    ["2026-03-01..2026-03-14", "2026-03-01..2026-03-14"],
    ["1.3.2026", "2026-03-01..2026-03-01"],
    // Without a year, the last such day.
    ["24 dec", "2025-12-24..2025-12-24"],
    ["  15   March  ", "2026-03-15..2026-03-15"],
  ])("“%s” is %s", (text, range) => {
    expect(rangeFromText(text, "UTC", NOON)).toBe(range);
  });

  test.each(["", "next week", "31 feb", "14 mar – 1 mar", "last 0 days", "since when"])(
    "“%s” is not understood",
    (text) => {
      expect(rangeFromText(text, "UTC", NOON)).toBeNull();
    },
  );

  test("a day without a year is one that has been, in the project's zone", () => {
    const newYear = at("2025-12-31T10:30:00Z");
    expect(rangeFromText("1 jan", "Pacific/Kiritimati", newYear)).toBe("2026-01-01..2026-01-01");
    expect(rangeFromText("1 jan", "Pacific/Pago_Pago", newYear)).toBe("2025-01-01..2025-01-01");
  });
});

describe("the range before and the one after", () => {
  test.each([
    ["7d", -1, "2026-03-02..2026-03-08"],
    ["mtd", -1, "2026-02-14..2026-02-28"],
    ["2026-03-01..2026-03-05", 1, "2026-03-06..2026-03-10"],
    ["yesterday", 1, "2026-03-15..2026-03-15"],
    ["24h", -1, "2026-03-13T13:00:00.000Z..2026-03-14T13:00:00.000Z"],
  ] as const)("of %s, %d", (range, steps, moved) => {
    expect(movedRange(range, steps, "UTC", NOON)).toBe(moved);
  });

  test.each(["today", "7d", "24h", "2026-03-12..2026-03-20"])("nothing is after %s yet", (range) => {
    expect(movedRange(range, 1, "UTC", NOON)).toBeNull();
  });

  test("days of a clock change are as many days", () => {
    expect(movedRange("2026-03-29..2026-03-30", -1, "Europe/Berlin", at("2026-05-01T00:00:00Z"))).toBe(
      "2026-03-27..2026-03-28",
    );
  });

  test("back and forth leads home", () => {
    const before = movedRange("2026-02-10..2026-02-14", -1, "UTC", NOON) ?? "";
    expect(movedRange(before, 1, "UTC", NOON)).toBe("2026-02-10..2026-02-14");
  });
});

describe("buckets", () => {
  test.each([
    [1 / 24, "minute"],
    [1, "hour"],
    [2, "hour"],
    [7, "day"],
    [90, "day"],
    [365, "week"],
    [1200, "month"],
  ])("of %d days", (days, interval) => {
    expect(defaultInterval(days)).toBe(interval);
    expect(intervalsFor(days)).toContain(interval);
  });

  test("none makes thousands of them", () => {
    expect(intervalsFor(90)).not.toContain("minute");
    expect(intervalsFor(365)).not.toContain("hour");
  });
});

test("a day is that of the zone", () => {
  const moment = at("2026-01-01T00:30:00Z");
  expect(todayIn("America/New_York", moment)).toBe("2025-12-31");
  expect(todayIn("UTC", moment)).toBe("2026-01-01");
});

describe("a part of a picture", () => {
  const now = Date.parse("2026-03-12T12:00:00Z");
  const asked = (range: string) => boundsOf(range, "Europe/Berlin", now)!;
  const days = ["2026-03-10T00:00:00+01:00", "2026-03-11T00:00:00+01:00", "2026-03-12T00:00:00+01:00"];

  test("ends where the next bucket begins", () => {
    expect(rangeOfBuckets(days, 0, 1, asked("3d"))).toBe(`${days[0]}..${days[2]}`);
  });

  test("ends with the days that were asked about, where it goes up to the last", () => {
    expect(rangeOfBuckets(days, 1, 2, asked("3d"))).toBe("2026-03-11..2026-03-12");
  });

  test("is as long as its hours, up to the last", () => {
    const hours = ["2026-03-12T10:00:00+01:00", "2026-03-12T11:00:00+01:00", "2026-03-12T12:00:00+01:00"];
    expect(rangeOfBuckets(hours, 1, 2, asked("today"))).toBe(`${hours[1]}..2026-03-12T12:00:00.000Z`);
  });

  test("is none of buckets that are not there", () => {
    expect(rangeOfBuckets(days, 2, 3, asked("3d"))).toBeNull();
    expect(rangeOfBuckets([], 0, 0, asked("3d"))).toBeNull();
  });
});

test("buckets that lie ahead have no values, the running one has", () => {
  const hours = ["2026-03-15T11:00:00+00:00", "2026-03-15T12:00:00+00:00", "2026-03-15T13:00:00+00:00"];
  expect(untilNow([1, 0, 0], hours, "2026-03-15T12:30:00Z")).toEqual([1, 0, null]);
});
