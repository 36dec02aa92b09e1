/** A part that a key of the table leads to: its tooltip names the key. */

import { Group, Kbd, Tooltip } from "@mantine/core";
import { Fragment, type ReactElement } from "react";
import { capsOf, isMac, keyRow } from "../state/keys";
import { useKeysOn } from "../state/use-keys";

export function Keyed({ of, label, children }: { of: string; label?: string; children: ReactElement }) {
  const [on] = useKeysOn();
  const row = keyRow(of);
  if (!row) throw new Error(`There is no key for ${of}.`);
  const words = label ?? row.title;
  return (
    <Tooltip
      label={
        <Group gap={6} wrap="nowrap">
          {words}
          {on && <Caps keys={row.keys} />}
        </Group>
      }
    >
      {children}
    </Tooltip>
  );
}

/** The keys as caps: two after each other with "then" between them. */
export function Caps({ keys }: { keys: string }) {
  return (
    <Group gap={4} wrap="nowrap" component="span" display="inline-flex">
      {capsOf(keys, isMac()).map((stroke, place) => (
        <Fragment key={stroke.join("+")}>
          {place > 0 && <span>then</span>}
          {stroke.map((cap) => (
            <Kbd key={cap} size="xs">
              {cap}
            </Kbd>
          ))}
        </Fragment>
      ))}
    </Group>
  );
}

/** The same as a plain title, where a tooltip of ours has no place: "Filter (F)". */
export function useTip(of: string): string | undefined {
  const [on] = useKeysOn();
  const row = keyRow(of);
  return row && (on ? `${row.title} (${capsOf(row.keys, isMac()).flat().join(" ")})` : row.title);
}
