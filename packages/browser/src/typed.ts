/** Events that the compiler knows: a map from names to properties, which a tracking plan can write. */

import { track } from "./api.js";
import type { Fields, Properties } from "./client.js";

/** Event without properties of its own: `undefined`, or nothing but optional ones. */
type Arguments<P> = [P] extends [undefined]
  ? [properties?: undefined, fields?: Fields]
  : Record<string, never> extends P
    ? [properties?: P, fields?: Fields]
    : [properties: P, fields?: Fields];

export interface Tracker<Events extends object> {
  track<Name extends keyof Events & string>(event: Name, ...rest: Arguments<Events[Name]>): void;
}

/** `createTracker<{ search: { query: string } }>().track("search", { query: "boots" })`; costs nothing at run time. */
export function createTracker<Events extends object>(): Tracker<Events> {
  return { track: (event, ...rest) => track(event, ...(rest as [Properties?, Fields?])) };
}
