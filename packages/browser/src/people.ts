/** Who the visitor is, once the application knows (R23), and the groups that they belong to. In mode `full` only. */

import { withClient } from "./api.js";
import type { Part, Properties } from "./client.js";

/** The visitor signed in: this browser's past and its next events are that user's. */
export function identify(userId: string, traits?: Properties): void {
  withClient((client) => {
    const { mode, shelf } = client;
    if (mode() === "full" && client.track("$identify", { traits: traits ?? {} }, { user_id: userId }))
      shelf.set("user", userId);
  });
}

/** The visitor belongs to a group, such as `("organization", "42")`. */
export function group(type: string, id: string, traits?: Properties): void {
  withClient((client) => {
    const { mode, shelf } = client;
    const groups = { ...JSON.parse(shelf.get("groups") ?? "{}"), [type]: id };
    if (mode() === "full" && client.track("$group", { type, id, traits: traits ?? {} }, { groups }))
      shelf.set("groups", JSON.stringify(groups));
  });
}

/** Nothing that names a person: no user id, no groups, and `identify` and `group` do nothing. */
export const anonymous: Part = ({ before }) => {
  before.push(({ user_id: _, groups: __, ...event }) => (event.event.startsWith("$") ? null : event));
};

/** The visitor signed out: whoever comes next in this browser is somebody else. */
export function reset(): void {
  withClient(({ shelf }) => ["id", "session", "user", "groups"].forEach(shelf.remove));
}

/** A page view by hand, such as for `init({ pages: false })`; `name` becomes `page_name`. */
export function page(name?: string, properties?: Properties): void {
  withClient((client) => client.track("page_view", { ...(name && { page_name: name }), ...properties }));
}
