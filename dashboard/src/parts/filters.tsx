/** Filters: as chips that can be taken away, and as fields in which one is made. */

import { ActionIcon, Button, Group, Pill, Popover, Select, Stack, Text } from "@mantine/core";
import { ListFilter, Plus, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Filter } from "../api/types";
import { PropertyPicker, ValuePicker } from "./pickers";

type Operator = NonNullable<Filter["operator"]>;

interface OperatorRow {
  text: string;
  least: 0 | 1 | 2;
  most: number;
  numbers?: boolean;
}

const MANY = 1000;

/** Every operator, how it reads, and how many values it takes. */
export const OPERATORS: Record<Operator, OperatorRow> = {
  is: { text: "is", least: 1, most: MANY },
  is_not: { text: "is not", least: 1, most: MANY },
  contains: { text: "contains", least: 1, most: MANY },
  not_contains: { text: "does not contain", least: 1, most: MANY },
  starts_with: { text: "starts with", least: 1, most: MANY },
  matches: { text: "matches", least: 1, most: MANY },
  gt: { text: ">", least: 1, most: 1, numbers: true },
  gte: { text: "≥", least: 1, most: 1, numbers: true },
  lt: { text: "<", least: 1, most: 1, numbers: true },
  lte: { text: "≤", least: 1, most: 1, numbers: true },
  between: { text: "between", least: 2, most: 2, numbers: true },
  is_set: { text: "is set", least: 0, most: 0 },
  is_not_set: { text: "is not set", least: 0, most: 0 },
};

/** A filter as one says it. */
export function filterWords(filter: Filter): string {
  if (filter.any) return filter.any.map(filterWords).join(" or ");
  const row = OPERATORS[filter.operator ?? "is"];
  return [filter.property, row.text, (filter.values ?? []).join(", ")].filter(Boolean).join(" ");
}

interface FiltersProps {
  filters: readonly Filter[];
  onChange: (filters: Filter[]) => void;
  /** Whose properties and values are offered. */
  event?: string;
  label?: string;
}

/** All of them have to hold; one can have several alternatives, of which one has to. */
export function Filters({ filters, onChange, event = "*", label = "Filter" }: FiltersProps) {
  const [open, setOpen] = useState<number | null>(null);
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
          data-hotkey="filter"
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
        {opened && <Fields filter={filter} event={event} done={done} />}
      </Popover.Dropdown>
    </Popover>
  );
}

const NEW: Filter = { property: "", operator: "is", values: [] };

function Fields({
  filter,
  event,
  done,
}: {
  filter: Filter | undefined;
  event: string;
  done: (filter: Filter) => void;
}) {
  const [alternatives, setAlternatives] = useState<Filter[]>(filter?.any ? [...filter.any] : [filter ?? NEW]);
  const change = (place: number, changed: Filter) =>
    setAlternatives((before) => before.map((one, at) => (at === place ? changed : one)));
  const [only] = alternatives;
  return (
    <form
      onSubmit={(submitted) => {
        submitted.preventDefault();
        if (alternatives.every(isWhole)) done(alternatives.length > 1 || !only ? { any: alternatives } : only);
      }}
    >
      <Stack gap="xs">
        {alternatives.map((one, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an alternative is its place
          <Stack key={place} gap="xs">
            {place > 0 && (
              <Group justify="space-between">
                <Text size="xs" c="dimmed">
                  or
                </Text>
                <ActionIcon
                  size="sm"
                  aria-label="Remove this alternative"
                  onClick={() => setAlternatives(alternatives.filter((_, at) => at !== place))}
                >
                  <X size={14} />
                </ActionIcon>
              </Group>
            )}
            <One filter={one} event={event} onChange={(changed) => change(place, changed)} />
          </Stack>
        ))}
        <Group justify="space-between" mt={4}>
          <Button
            variant="subtle"
            color="gray"
            leftSection={<Plus size={14} />}
            onClick={() => setAlternatives([...alternatives, NEW])}
          >
            Or
          </Button>
          <Button type="submit" disabled={!alternatives.every(isWhole)}>
            Apply
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function One({ filter, event, onChange }: { filter: Filter; event: string; onChange: (filter: Filter) => void }) {
  const operator = filter.operator ?? "is";
  const row = OPERATORS[operator];
  return (
    <>
      <PropertyPicker
        label="Property"
        event={event}
        value={filter.property ?? ""}
        onChange={(property) => onChange({ ...filter, property })}
      />
      <Select
        label="Operator"
        value={operator}
        onChange={(chosen) => chosen && onChange(withOperator(filter, chosen as Operator))}
        data={Object.entries(OPERATORS).map(([value, { text }]) => ({ value, label: text }))}
        allowDeselect={false}
        maxDropdownHeight={280}
      />
      {row.most > 0 && (
        <ValuePicker
          label={row.least === 2 ? "From and to" : row.most === 1 ? "Value" : "Values, any of which will do"}
          event={event}
          property={filter.property ?? ""}
          values={(filter.values ?? []).map(String)}
          onChange={(values) => onChange({ ...filter, values: row.numbers ? values.map(numberOf) : values })}
          {...(row.most < MANY && { most: row.most })}
        />
      )}
    </>
  );
}

/** "7" is a number where an operator orders; what is none, such as a time, stays as it is. */
function numberOf(text: string): string | number {
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

function withOperator(filter: Filter, operator: Operator): Filter {
  const { most, numbers } = OPERATORS[operator];
  const values = (filter.values ?? []).slice(0, most).map(String);
  return { ...filter, operator, values: numbers ? values.map(numberOf) : values };
}

function isWhole(filter: Filter): boolean {
  const count = filter.values?.length ?? 0;
  return Boolean(filter.property) && count >= OPERATORS[filter.operator ?? "is"].least;
}
