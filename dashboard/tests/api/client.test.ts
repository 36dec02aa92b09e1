import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createApi, got } from "../../src/api/client";

beforeAll(() => void vi.stubGlobal("location", { origin: "http://footfall.test" }));
afterAll(() => vi.unstubAllGlobals());

it("a route is asked for the project, with all of its body", async () => {
  const asked: Request[] = [];
  const api = createApi(3, async (input) => {
    asked.push(input as Request);
    return Response.json({});
  });
  await got(api.routes.POST("/api/people/unmerge", { params: { query: { preview: true } }, body: { user_id: "ann" } }));
  const [request] = asked;
  expect(request?.url).toBe("http://footfall.test/api/people/unmerge?preview=true&project=3");
  expect(request?.headers.get("content-type")).toBe("application/json");
  expect(await request?.json()).toEqual({ user_id: "ann" });
});
