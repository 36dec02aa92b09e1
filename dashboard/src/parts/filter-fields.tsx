/** The fields in which one filter is made, and its alternatives. They come when somebody opens one. */

import { ActionIcon, Button, Group, Select, Stack, Text } from "@mantine/core";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import type { Filter } from "../api/types";
import { MANY, OPERATORS, type Operator } from "../state/filters";
import { useFirstField } from "../state/use-focus";
import { PropertyPicker } from "./pickers";
import { ValuePicker } from "./value-picker";

const NEW: Filter = { property: "", operator: "is", values: [] };

export default function Fields({
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
  const form = useFirstField<HTMLFormElement>();
  return (
    <form
      ref={form}
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
