/** Filters: as chips that can be taken away, and as fields in which one is made. */

import { ActionIcon, Button, Group, Pill, Popover } from "@mantine/core";
import { ListFilter, X } from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import type { Filter } from "../api/types";
import { filterWords } from "../state/filters";
import { useTip } from "./keyed";
import { Waiting } from "./states";

export { filterWords, OPERATORS } from "../state/filters";

const Fields = lazy(() => import("./filter-fields"));

interface FiltersProps {
  filters: readonly Filter[];
  onChange: (filters: Filter[]) => void;
  /** Whose properties and values are offered. */
  event?: string;
  label?: string;
}

/** What the filters of the whole page are called; the key leads to them. */
const ALL = "Filter";

/** All of them have to hold; one can have several alternatives, of which one has to. */
export function Filters({ filters, onChange, event = "*", label = ALL }: FiltersProps) {
  const [open, setOpen] = useState<number | null>(null);
  const tip = useTip("filter");
  const put = (place: number, filter: Filter) => {
    onChange(place < filters.length ? filters.map((one, at) => (at === place ? filter : one)) : [...filters, filter]);
    setOpen(null);
  };
  return (
    <Group gap={6}>
      {filters.map((filter, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two filters may be the same
        <Group key={place} gap={0} wrap="nowrap" maw="100%">
          <Editor
            opened={open === place}
            setOpened={(opened) => setOpen(opened ? place : null)}
            filter={filter}
            event={event}
            done={(changed) => put(place, changed)}
          >
            <Pill
              size="md"
              fz="sm"
              component="button"
              onClick={() => setOpen(place)}
              aria-label={`${label}: ${filterWords(filter)}. Change it`}
              styles={{ root: { cursor: "pointer", border: 0, maxWidth: 320 } }}
            >
              {filterWords(filter)}
            </Pill>
          </Editor>
          <ActionIcon
            size={24}
            aria-label={`Remove ${filterWords(filter)}`}
            onClick={() => onChange(filters.filter((_, at) => at !== place))}
          >
            <X size={14} />
          </ActionIcon>
        </Group>
      ))}
      <Editor
        opened={open === filters.length}
        setOpened={(opened) => setOpen(opened ? filters.length : null)}
        event={event}
        done={(made) => put(filters.length, made)}
      >
        <Button
          variant="subtle"
          color="gray"
          leftSection={<ListFilter size={14} />}
          onClick={() => setOpen(open === filters.length ? null : filters.length)}
          data-hotkey={label === ALL ? "filter" : undefined}
          title={label === ALL ? tip : undefined}
        >
          {label}
        </Button>
      </Editor>
    </Group>
  );
}

interface EditorProps {
  opened: boolean;
  setOpened: (opened: boolean) => void;
  filter?: Filter;
  event: string;
  done: (filter: Filter) => void;
  children: ReactNode;
}

function Editor({ opened, setOpened, filter, event, done, children }: EditorProps) {
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-start"
      shadow="md"
      trapFocus
      withinPortal
      returnFocus
    >
      <Popover.Target>{children}</Popover.Target>
      <Popover.Dropdown w={340} maw="calc(100vw - 24px)">
        {opened && (
          <Suspense fallback={<Waiting height={200} />}>
            <Fields filter={filter} event={event} done={done} />
          </Suspense>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
