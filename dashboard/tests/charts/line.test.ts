import { describe, expect, test } from "vitest";
import { rangeOf } from "../../../packages/react/src/charts/event-trend";
import { drawnAt, optionOf } from "../../../packages/react/src/charts/line";
import { TONES } from "../../../packages/react/src/charts/tones";

const LINES = {
  name: "",
  summary: "",
  labels: ["a", "b", "c"],
  incomplete: [false, false, true],
  series: [
    { name: "one", values: [1, 2, 3], previous: [4, 5, 6] },
    { name: "two", values: [7, 8, null] },
  ],
};

describe("the tooltip of a point opens at what is drawn there", () => {
  const option = optionOf(LINES, TONES.light, null, 400);
  const drawn = (series: number, index: number) => {
    const at = drawnAt(option, { series, index });
    return at === null ? null : (option.series as { id: string }[])[at]?.id;
  };

  test("of its own line, whatever is drawn of the lines before it", () => {
    expect(drawn(0, 0)).toBe("0:closed");
    expect(drawn(1, 0)).toBe("1:closed");
  });

  test("of the running end, where that has the value", () => {
    expect(drawn(0, 2)).toBe("0:running");
  });

  test("of another line where its own has none, and of none where there is none", () => {
    expect(drawn(1, 2)).toBe("0:running");
    const empty = optionOf({ ...LINES, series: [{ name: "", values: [null, null, null] }] }, TONES.light, null, 400);
    expect(drawnAt(empty, { series: 0, index: 1 })).toBe(null);
  });
});

describe("a trend on a page of one's own asks", () => {
  const now = new Date(2026, 2, 15, 12, 30);

  test("for whole days, today the last of them", () => {
    expect(rangeOf({ days: 30, interval: "day" }, now)).toEqual({ from: "2026-02-14", to: "2026-03-16" });
  });

  test("for whole hours, the running one the last of them", () => {
    const { from, to } = rangeOf({ days: 1, interval: "hour" }, now);
    expect([to, from]).toEqual([+new Date(2026, 2, 15, 13), +new Date(2026, 2, 14, 13)]);
  });
});
