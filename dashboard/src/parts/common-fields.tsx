/** The fields that every kind of question has: by what it is broken down, and who is counted. */

import { Group } from "@mantine/core";
import type { ReactNode } from "react";
import type { Schemas } from "../api/types";
import { without } from "../state/view";
import { Breakdowns } from "./breakdowns";
import { Per } from "./per";

interface Common {
  breakdown?: Schemas["Breakdown"][];
  per?: string | null;
}

interface CommonFieldsProps<T extends Common> {
  own: T;
  change: (own: T) => void;
  /** Whose properties are offered. */
  event?: string;
  most?: number;
  /** The kind's own fields, in the same row. */
  children?: ReactNode;
}

export function CommonFields<T extends Common>(props: CommonFieldsProps<T>) {
  const { own, change, event = "*", most = 1, children } = props;
  return (
    <Group gap="xs" align="end">
      {children}
      <Per value={own.per} onChange={(per) => change(per === null ? without(own, "per") : { ...own, per })} />
      <Breakdowns
        most={most}
        event={event}
        breakdowns={own.breakdown ?? []}
        onChange={(breakdown) => change({ ...own, breakdown })}
      />
    </Group>
  );
}
