/** An event as a list of fields that can be read and filtered by. */

import type { Event, Filter } from "../api/types";
import { isRecord } from "./view";

export interface Field {
  /** As filters call it. */
  name: string;
  text: string;
  /** Null where there is nothing that a filter could compare. */
  filter: Filter | null;
}

/** What is shown elsewhere, or is no field. */
const ELSEWHERE = new Set(["event", "properties", "groups", "person_id", "flags", "violations", "redacted"]);
/** Made by the server for each event: nobody looks for others with the same. */
const UNFILTERED = new Set(["sent_at", "seq"]);

/** The fields that the event has. */
export function fieldsOf(event: Event): Field[] {
  const own = Object.entries(event)
    .filter(([name, value]) => !ELSEWHERE.has(name) && value !== null && value !== undefined)
    .map(([name, value]) => fieldOf(name, value, !UNFILTERED.has(name)));
  const groups = Object.entries(isRecord(event.groups) ? event.groups : {});
  return [...own, ...groups.map(([name, value]) => fieldOf(`group.${name}`, value, true))];
}

/** The properties, one by one, however deep they lie. */
export function propertiesOf(event: Event): Field[] {
  return leavesOf("properties", event.properties);
}

function leavesOf(path: string, found: unknown): Field[] {
  if (!isRecord(found) || Object.keys(found).length === 0) return [fieldOf(path, found, true)];
  return Object.entries(found).flatMap(([key, value]) => leavesOf(path + stepOf(key), value));
}

/** A name with a dot or the like in it is put in brackets, as filters want it. */
function stepOf(key: string): string {
  return /^[^.[\]"\\]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function fieldOf(name: string, value: unknown, filterable: boolean): Field {
  const plain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return {
    name,
    text: typeof value === "string" ? value : JSON.stringify(value),
    filter: plain && filterable ? { property: name, operator: "is", values: [value] } : null,
  };
}
