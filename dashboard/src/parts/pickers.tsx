/** Fields in which one picks an event, a property or values of one. */

import { Autocomplete, Group, Select, TagsInput, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useEvents, useProperties, useValues } from "../api/catalog";
import { brief, eventName } from "../state/words";

interface Field {
  /** Read aloud, and shown above it unless `bare`. */
  label: string;
  bare?: boolean;
}

function labelled({ label, bare = false }: Field) {
  return bare ? { "aria-label": label } : { label };
}

function Volume({ name, events }: { name: string; events: number | undefined }) {
  return (
    <Group justify="space-between" wrap="nowrap" w="100%" gap="md">
      <Text size="sm" truncate>
        {name}
      </Text>
      {events !== undefined && (
        <Text size="xs" c="dimmed" className="numbers">
          {brief(events)}
        </Text>
      )}
    </Group>
  );
}

interface EventPickerProps extends Field {
  value: string;
  onChange: (event: string) => void;
  /** Whether `*`, every event, can be picked. */
  all?: boolean;
}

export function EventPicker({ value, onChange, all = true, ...field }: EventPickerProps) {
  const events = useEvents();
  const [search, setSearch] = useState("");
  const counts = new Map(events.map((one) => [one.event, one.count]));
  const names = [...(all ? ["*"] : []), ...counts.keys()];
  if (value !== "" && !names.includes(value)) names.push(value);
  // An event that has not come yet can be asked for as well.
  const typed = search.trim();
  if (typed !== "" && !names.some((name) => eventName(name) === typed)) names.push(typed);
  return (
    <Select
      {...labelled(field)}
      value={value === "" ? null : value}
      onChange={(event) => event !== null && onChange(event)}
      data={names.map((name) => ({ value: name, label: eventName(name) }))}
      renderOption={({ option }) => <Volume name={option.label} events={counts.get(option.value)} />}
      searchable
      searchValue={search}
      onSearchChange={setSearch}
      allowDeselect={false}
      placeholder="Pick an event"
      nothingFoundMessage="No such event of late"
      comboboxProps={{ width: 320, position: "bottom-start" }}
      maxDropdownHeight={320}
    />
  );
}

interface PropertyPickerProps extends Field {
  event?: string;
  value: string;
  onChange: (property: string) => void;
  /** Only those whose values are numbers. */
  numbers?: boolean;
}

export function PropertyPicker({ event = "*", value, onChange, numbers = false, ...field }: PropertyPickerProps) {
  const properties = useProperties(event).filter((one) => !numbers || one.kind === "number");
  const counts = new Map(properties.map((one) => [one.property, one.events]));
  return (
    <Autocomplete
      {...labelled(field)}
      value={value}
      onChange={onChange}
      data={[...counts.keys()]}
      renderOption={({ option }) => <Volume name={option.value} events={counts.get(option.value)} />}
      placeholder="Pick a property"
      limit={200}
      comboboxProps={{ width: 300, position: "bottom-start" }}
      maxDropdownHeight={320}
    />
  );
}

interface ValuePickerProps extends Field {
  event?: string;
  property: string;
  values: string[];
  onChange: (values: string[]) => void;
  most?: number;
}

export function ValuePicker({ event = "*", property, values, onChange, most, ...field }: ValuePickerProps) {
  const [search, setSearch] = useState("");
  const [prefix] = useDebouncedValue(search, 250);
  const known = useValues(event, property, prefix);
  const counts = new Map(known.map((one) => [one.value, one.events]));
  return (
    <TagsInput
      {...labelled(field)}
      value={values}
      onChange={onChange}
      data={[...counts.keys()]}
      renderOption={({ option }) => <Volume name={option.value} events={counts.get(option.value)} />}
      searchValue={search}
      onSearchChange={setSearch}
      placeholder={values.length === 0 ? "Pick or type" : ""}
      {...(most !== undefined && { maxTags: most })}
      acceptValueOnBlur
      comboboxProps={{ width: 300, position: "bottom-start" }}
      maxDropdownHeight={320}
    />
  );
}
