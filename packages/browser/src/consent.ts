/**
 * What a visitor chose, and a preset for the French rules.
 *
 * A choice counts in all tabs at once and stays, since a refusal that is forgotten is none. It holds no id.
 */

import { withClient } from "./api.js";
import { CHOSEN, type Client, type Mode, type Options, type Part, type Purpose } from "./client.js";
import { bornAt } from "./ids.js";
import { anonymous } from "./people.js";

const CHOICE = "consent ";

function choose(client: Client, mode: Mode, purposes: readonly Purpose[]): void {
  const { shelf } = client;
  // A choice for all purposes replaces those that were made one by one.
  if (!purposes.length) for (const name of shelf.names()) if (name.startsWith(CHOICE)) shelf.remove(name);
  for (const purpose of purposes.length ? purposes : ["*"]) shelf.set(CHOICE + purpose, mode);
  dispatchEvent(new Event(CHOSEN));
}

/** Record with ids kept in the browser from now on: everything, or the purposes that are named. */
export function optIn(...purposes: Purpose[]): void {
  withClient((client) => choose(client, "full", purposes));
}

/**
 * Record no more: nothing at all, or nothing for the purposes that are named. Without a name it also forgets the
 * events that were not sent yet, and everything that was stored but the refusal itself.
 */
export function optOut(...purposes: Purpose[]): void {
  withClient((client) => {
    if (!purposes.length) {
      client.forget();
      client.shelf.names().forEach(client.shelf.remove);
    }
    choose(client, "off", purposes);
  });
}

/** What may be recorded now. */
export function consentOf(purpose?: Purpose): Mode {
  let mode: Mode = "off";
  withClient((client) => {
    mode = client.mode(purpose);
  });
  return mode;
}

const DAY_MS = 86_400_000;

/** A new anonymous id once it is that many days old, however often its browser comes back. */
export const idDays =
  (days: number): Part =>
  ({ shelf }) => {
    if (Date.now() - bornAt(shelf.get("id") ?? "") > days * DAY_MS) shelf.remove("id");
  };

/**
 * Options for audience measurement without asking, as the French CNIL allows it: nobody is named, an id lives 13
 * months at most, Do Not Track counts, and the visitor can refuse (offer `optOut`). Keep events for 25 months at most.
 */
export const cnil = (options: Options = {}): Options => ({
  ...options,
  consent: "full",
  dnt: true,
  use: [anonymous, idDays(395), ...(options.use ?? [])],
});
