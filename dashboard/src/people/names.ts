/** What people are called. */

import { isRecord } from "../state/view";

interface Somebody {
  id: string;
  user_id: string | null;
  traits?: Record<string, unknown>;
}

/** Traits that hold a name, the best first. */
const NAMED = ["name", "nombre", "full_name", "fullName", "email"] as const;

/** The best name there is. */
export function personName({ id, user_id, traits = {} }: Somebody): string {
  const given = NAMED.map((trait) => traits[trait]).find((one) => typeof one === "string" && one.trim() !== "");
  return (given as string | undefined) ?? user_id ?? `Anonymous ${id.slice(0, 8)}`;
}

/** A trait as one line. */
export function traitText(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((one) => !isRecord(one))) return value.join(", ");
  return JSON.stringify(value);
}

/** The traits that a list has room for: short ones, and no second name. */
export function shortTraits(traits: Record<string, unknown>, most: number): [string, string][] {
  return Object.entries(traits)
    .filter(([name]) => name !== "name" && name !== "nombre")
    .map(([name, value]): [string, string] => [name, traitText(value)])
    .filter(([, text]) => text.length > 0 && text.length <= 40)
    .slice(0, most);
}
