import { dashOf, TONES, toneOf } from "@charts/tones";
import { expect, test } from "vitest";

test("of many lines no two look alike, colour and dashes taken together", () => {
  const looks = Array.from({ length: 64 }, (_, place) => JSON.stringify([toneOf(TONES.light, place), dashOf(place)]));
  expect(new Set(looks).size).toBe(64);
});

/** WCAG 2.2: relative luminance, and the contrast of two of them. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

test.each(Object.entries(TONES))("in %s, lines have 3:1 and texts 4.5:1 on their ground", (_, tones) => {
  for (const tone of tones.series) expect(contrast(tone, tones.ground), tone).toBeGreaterThanOrEqual(3);
  for (const text of [tones.ink, tones.quiet, tones.good, tones.bad]) {
    expect(contrast(text, tones.ground), text).toBeGreaterThanOrEqual(4.5);
  }
});
