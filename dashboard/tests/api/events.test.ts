import { afterAll, describe, expect, it, vi } from "vitest";
import { createApi } from "../../src/api/client";
import { archiveAddress, choiceOf, eventsFile, withBots } from "../../src/api/events";

vi.stubGlobal("location", { origin: "http://footfall.test" });
afterAll(() => vi.unstubAllGlobals());

const device = { property: "device", operator: "is" as const, values: ["mobile"] };
const asked = { events: [] as string[], filters: [device], from: "2026-03-01", to: "2026-03-08", limit: 25 };

async function bodyOf(events: string[]): Promise<Record<string, unknown>> {
  let sent = "";
  const api = createApi(1, async (_, init) => {
    sent = String(init?.body);
    return new Response("");
  });
  await eventsFile(api, "csv", { ...asked, events });
  return JSON.parse(sent);
}

describe("a file of what matches", () => {
  it("is of every event without names", async () => {
    expect(await bodyOf([])).toMatchObject({ series: [{ event: "*" }], filters: [device], pointer: { series: 0 } });
  });

  it("is of the one that is named", async () => {
    expect(await bodyOf(["$identify"])).toMatchObject({ series: [{ event: "$identify" }], filters: [device] });
  });

  it("is of any of several", async () => {
    expect(await bodyOf(["a", "b"])).toMatchObject({
      series: [{ event: "*" }],
      filters: [device, { property: "event", operator: "is", values: ["a", "b"] }],
    });
  });
});

it("an address repeats a name for each of its values, and leaves out what is not asked", () => {
  const address = archiveAddress(createApi(3), "jsonl", { ...asked, events: ["a b", "c"] });
  expect(new URL(address).search).toBe("?event=a+b&event=c&from=2026-03-01&to=2026-03-08&project=3");
  expect(choiceOf({ events: [], filters: [] })).toEqual({});
});

it("bots are left out by a filter where lists have them in", () => {
  expect(withBots([device], true)).toEqual([device]);
  expect(withBots([device], false)).toEqual([device, { property: "bot", operator: "is", values: ["false"] }]);
});
