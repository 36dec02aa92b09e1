import { expect, test } from "vitest";
// @ts-expect-error a script without types
import { sizes } from "../../sizes.mjs";

test("nobody pays more than was promised", async () => {
  for (const { name, bytes, limit } of await sizes()) expect(bytes, name).toBeLessThanOrEqual(limit);
});
