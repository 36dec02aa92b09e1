import { describe, expect, test } from "vitest";
import { isoOf, spanOf, spanWords } from "../../src/state/duration";
import {
  ago,
  brief,
  bucketLong,
  bucketShort,
  change,
  count,
  counted,
  duration,
  eventName,
  momentIn,
  percent,
  valueName,
} from "../../src/state/words";

test.each([
  [0, "0 s"],
  [0.44, "0.4 s"],
  [9.96, "10 s"],
  [59.4, "59 s"],
  [59.6, "1 m 00 s"],
  [187, "3 m 07 s"],
  [3599.6, "1 h 00 m"],
  [7500, "2 h 05 m"],
  [172_800, "2 d 00 h"],
  [null, "–"],
])("%s seconds are %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test.each([
  [0, "0 %"],
  [-0.04, "0 %"],
  [12.34, "+12.3 %"],
  [-5, "-5 %"],
  [1234.5, "+1,235 %"],
])("a change of %d is %s", (value, text) => {
  expect(change(value)).toBe(text);
});

test("numbers are exact, or brief where there is little room", () => {
  expect(count(1234567)).toBe("1,234,567");
  expect(count(0.256)).toBe("0.26");
  expect(brief(9999)).toBe("9,999");
  expect(brief(12_345)).toBe("12.3K");
  expect(brief(-12_345)).toBe("-12.3K");
});

test("a rate is a fraction", () => {
  expect(percent(0.1234)).toBe("12.3%");
  expect(percent(1)).toBe("100%");
  expect(percent(null)).toBe("–");
});

test("one and many", () => {
  expect([0, 1, 2].map((some) => counted(some, "person", "people"))).toEqual(["0 people", "1 person", "2 people"]);
});

describe("buckets", () => {
  test("the two hours of autumn differ", () => {
    const [first, second] = ["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"];
    expect(bucketLong(first, "hour")).toBe("Sun 25 Oct 2026, 02:00 (+02:00)");
    expect(bucketLong(second, "hour")).toBe("Sun 25 Oct 2026, 02:00 (+01:00)");
  });

  test("a day is the label's own, whatever zone reads it", () => {
    expect(bucketLong("2026-03-01T00:00:00+14:00", "day")).toBe("Sun 1 Mar 2026");
    expect(bucketShort("2026-03-01T00:00:00-11:00", "day", 30)).toBe("1 Mar");
  });

  test.each([
    ["week", "Week of Mon 2 Mar 2026", "2 Mar"],
    ["month", "Mar 2026", "Mar 2026"],
    ["quarter", "Q1 2026", "Q1 2026"],
    ["year", "2026", "2026"],
  ] as const)("by %s", (interval, long, short) => {
    expect(bucketLong("2026-03-02T00:00:00+00:00", interval)).toBe(long);
    expect(bucketShort("2026-03-02T00:00:00+00:00", interval, 100)).toBe(short);
  });

  test("an axis of hours says the day where it begins, if there are several", () => {
    expect(bucketShort("2026-03-02T00:00:00+00:00", "hour", 3)).toBe("2 Mar");
    expect(bucketShort("2026-03-02T05:00:00+00:00", "hour", 3)).toBe("05:00");
    expect(bucketShort("2026-03-02T00:00:00+00:00", "hour", 1)).toBe("00:00");
  });
});

test("a moment is told in the project's zone", () => {
  expect(momentIn("Asia/Tokyo", "2026-03-01T20:00:00Z")).toBe("2 Mar 2026, 05:00");
});

test.each([
  [0.4, "just now"],
  [59.9, "59 s ago"],
  [120, "2 m ago"],
  [7200, "2 h ago"],
  [200_000, "2 d ago"],
])("%d seconds are %s", (seconds, text) => {
  expect(ago(seconds)).toBe(text);
});

test("the API's own words are said as people do", () => {
  expect([eventName("*"), eventName("purchase")]).toEqual(["All events", "purchase"]);
  expect(["$other", "$not_set", "", "DE"].map(valueName)).toEqual(["Other", "(not set)", "(empty)", "DE"]);
});

describe("spans", () => {
  test.each([
    ["P14D", { count: 14, unit: "days" }, "14 days"],
    ["PT30M", { count: 30, unit: "minutes" }, "30 minutes"],
    ["PT1H", { count: 1, unit: "hours" }, "1 hour"],
    ["P2W", { count: 2, unit: "weeks" }, "2 weeks"],
    ["P1DT12H", { count: 36, unit: "hours" }, "36 hours"],
    ["PT1H30M", { count: 90, unit: "minutes" }, "90 minutes"],
    ["PT90S", { count: 90, unit: "seconds" }, "90 seconds"],
    ["PT0.5S", { count: 0.5, unit: "seconds" }, "0.5 seconds"],
  ] as const)("%s", (iso, span, words) => {
    expect(spanOf(iso)).toEqual(span);
    expect(spanWords(iso)).toBe(words);
    expect(spanOf(isoOf(span))).toEqual(span);
  });

  test.each(["", "P", "PT", "P0D", "14 days", "P1M", "-P1D"])("“%s” is none", (text) => {
    expect(spanOf(text)).toBeNull();
  });
});
