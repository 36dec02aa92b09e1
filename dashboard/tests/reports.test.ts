import { expect, test } from "vitest";
import type { Report } from "../src/api/reports";
import { asReport, draftOf, isWhole, outcomeWords, scheduleWords } from "../src/reports/words";

const WHOLE: Report = { name: "Shop", board: "b", channels: [{ type: "email", target: "a@example.com" }] };

test("a schedule is said as people say it", () => {
  expect(scheduleWords({ ...WHOLE, every: "daily", at: "07:30" })).toBe("every day at 07:30");
  expect(scheduleWords(WHOLE)).toBe("every Monday at 08:00");
  expect(scheduleWords({ ...WHOLE, weekday: "friday" })).toBe("every Friday at 08:00");
  expect(scheduleWords({ ...WHOLE, every: "monthly", day: 5 })).toBe("on day 5 of each month at 08:00");
});

test("a draft is of what the address says, and of nothing else", () => {
  expect(draftOf({ board: "b", name: "Shop" })).toMatchObject({ name: "Shop", board: "b" });
  expect(draftOf({ saved: "s" })).toMatchObject({ name: "", saved: "s" });
  expect(draftOf({ board: 7, every: "hourly" })).toMatchObject({ name: "", every: "weekly" });
  expect(draftOf(undefined).board).toBeUndefined();
});

test("one can be sent that has a name, something to tell and somewhere to go", () => {
  expect(isWhole(WHOLE)).toBe(true);
  expect(isWhole({ ...WHOLE, name: " " })).toBe(false);
  expect(isWhole({ ...WHOLE, board: null })).toBe(false);
  expect(isWhole({ ...WHOLE, channels: [] })).toBe(false);
  expect(isWhole({ ...WHOLE, channels: [{ type: "email", target: "" }] })).toBe(false);
});

test("what the server adds is not sent back", () => {
  expect(asReport({ ...WHOLE, id: "r", next: null, last: null, owner: "o", created_at: "", changed_at: "" })).toEqual(
    WHOLE,
  );
});

test("the worst of the deliveries is told", () => {
  const sent = (...statuses: string[]) =>
    outcomeWords({ deliveries: statuses.map((status) => ({ status })) } as unknown as Parameters<
      typeof outcomeWords
    >[0]);
  expect(sent("delivered", "dead", "pending")).toBe("not delivered");
  expect(sent("delivered", "pending")).toBe("on its way");
  expect(sent("delivered")).toBe("delivered");
});
