/** A panel with a list of names and bars: each row opens what is behind it, and can become a filter. */

import { ActionIcon, Skeleton, Stack, Text, Tooltip } from "@mantine/core";
import { ListFilter } from "lucide-react";
import type { ReactNode } from "react";
import type { Filter } from "../api/types";
import { BarList } from "../charts";
import { brief } from "../state/words";
import { filterWords } from "./filters";
import { Panel } from "./insight-card";

export interface TopRow {
  name: string;
  value: number;
  note?: ReactNode;
  open?: (() => void) | undefined;
  /** What makes the page show this row alone. */
  filter?: Filter | undefined;
}

interface TopListProps {
  title: string;
  /** What the numbers count. */
  counts: string;
  /** Undefined while they are not known. */
  rows: readonly TopRow[] | undefined;
  onFilter: (filter: Filter) => void;
  nothing?: ReactNode;
}

const USUAL_ROWS = 6;

export function TopList({ title, counts, rows, onFilter, nothing = "None in this range." }: TopListProps) {
  return (
    <Panel
      title={title}
      actions={
        <Text size="xs" c="dimmed">
          {counts}
        </Text>
      }
    >
      {rows === undefined && (
        <Stack gap={6} aria-hidden>
          {Array.from({ length: USUAL_ROWS }, (_, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
            <Skeleton key={place} height={26} animate={false} />
          ))}
        </Stack>
      )}
      {rows?.length === 0 && (
        <Text size="sm" c="dimmed" py="md">
          {nothing}
        </Text>
      )}
      {rows && rows.length > 0 && (
        <BarList
          name={`${title}, ${counts}`}
          format={brief}
          bars={rows.map(({ name, value, note, open, filter }) => ({
            name,
            value,
            note,
            onPick: open,
            aside: filter && <FilterButton filter={filter} onFilter={onFilter} />,
          }))}
        />
      )}
    </Panel>
  );
}

export function FilterButton({ filter, onFilter }: { filter: Filter; onFilter: (filter: Filter) => void }) {
  const words = filterWords(filter);
  return (
    <Tooltip label={`Filter: ${words}`}>
      <ActionIcon size={26} aria-label={`Filter: ${words}`} onClick={() => onFilter(filter)}>
        <ListFilter size={13} />
      </ActionIcon>
    </Tooltip>
  );
}
