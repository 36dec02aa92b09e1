import { describe, expect, it } from "vitest";
import { holds } from "../../src/state/range";

describe("a range holds", () => {
  const days = { from: "2026-03-01", to: "2026-03-03" };

  it.each([
    ["the first moment of its first day, where the project is", "2026-02-28T23:00:00Z", true],
    ["nothing before it", "2026-02-28T22:59:59Z", false],
    ["the last moment of its last day", "2026-03-02T22:59:59Z", true],
    ["nothing of its end", "2026-03-02T23:00:00Z", false],
  ])("%s", (_, moment, held) => {
    expect(holds(days, moment, "Europe/Berlin")).toBe(held);
  });

  it("what lies between two moments", () => {
    const hour = { from: "2026-03-01T10:00:00Z", to: "2026-03-01T11:00:00Z" };
    expect(holds(hour, "2026-03-01T10:59:59Z", "UTC")).toBe(true);
    expect(holds(hour, "2026-03-01T11:00:00Z", "UTC")).toBe(false);
  });
});
