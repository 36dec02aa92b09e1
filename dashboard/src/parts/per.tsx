/** Who is counted: people, or groups of them such as organizations. */

import { useProperties } from "../api/catalog";
import { Choice } from "./choice";

const GROUP = "group.";
const PEOPLE = "people";

interface PerProps {
  value: string | null | undefined;
  onChange: (per: string | null) => void;
}

/** A field where the project's events carry groups; nothing where there is nothing to choose from. */
export function Per({ value, onChange }: PerProps) {
  const groups = useProperties("*")
    .map((one) => one.property)
    .filter((property) => property.startsWith(GROUP));
  if (value && !groups.includes(value)) groups.push(value);
  if (groups.length === 0) return null;
  return (
    <Choice
      label="Count"
      w={150}
      value={value ?? PEOPLE}
      options={{ [PEOPLE]: "people", ...Object.fromEntries(groups.map((group) => [group, groupName(group)])) }}
      onChange={(chosen) => onChange(chosen === PEOPLE ? null : chosen)}
    />
  );
}

/** "organization" of `group.organization`. */
export function groupName(per: string): string {
  return per.startsWith(GROUP) ? per.slice(GROUP.length) : per;
}

/** What is counted, one and many. */
export function whoOf(per: string | null | undefined): { one: string; many: string } {
  return per ? { one: "group", many: "groups" } : { one: "person", many: "people" };
}
