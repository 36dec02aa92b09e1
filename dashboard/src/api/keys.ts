/** Keys of the project. */

import type { Api } from "./client";
import { got } from "./client";

/** A new key that may send events and nothing else. Its value is told this once. */
export function makeWriteKey(api: Api, name: string) {
  return got(api.routes.POST("/api/keys", { body: { scope: "write", name, origins: [] } }));
}
