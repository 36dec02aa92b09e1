/** Fields in which one picks an event or a property. */

import { Autocomplete, type AutocompleteProps, Group, Select, Text } from "@mantine/core";
import { useState } from "react";
import { useEvents, useProperties, useValues } from "../api/catalog";
import { brief, eventName } from "../state/words";

export interface Field {
  /** Read aloud, and shown above it unless `bare`. */
  label: string;
  bare?: boolean;
}

export function labelled({ label, bare = false }: Field) {
  return bare ? { "aria-label": label } : { label };
}

export function Volume({ name, events }: { name: string; events: number | undefined }) {
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
  /** Whether none can be picked, which is "". */
  clearable?: boolean;
  placeholder?: string;
}

export function EventPicker(props: EventPickerProps) {
  const { value, onChange, all = true, clearable = false, placeholder = "Pick an event", ...field } = props;
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
      onChange={(event) => (event !== null || clearable) && onChange(event ?? "")}
      clearable={clearable}
      clearButtonProps={{ "aria-label": `Clear “${field.label}”` }}
      data={names.map((name) => ({ value: name, label: eventName(name) }))}
      renderOption={({ option }) => <Volume name={option.label} events={counts.get(option.value)} />}
      searchable
      searchValue={search}
      onSearchChange={setSearch}
      allowDeselect={false}
      placeholder={placeholder}
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
  /** Told when it is chosen or left, not with every letter: half a name is asked for nowhere. */
  settled?: boolean;
}

export function PropertyPicker(props: PropertyPickerProps) {
  const { event = "*", value, onChange, numbers = false, settled = false, ...field } = props;
  const properties = useProperties(event).filter((one) => !numbers || one.kind === "number");
  const counts = new Map(properties.map((one) => [one.property, one.events]));
  return (
    <Completed
      {...labelled(field)}
      settled={settled}
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

interface CompletedProps extends Omit<AutocompleteProps, "onChange" | "value"> {
  value: string;
  onChange: (text: string) => void;
  settled: boolean;
}

function Completed({ value, onChange, settled, ...rest }: CompletedProps) {
  const [typed, setTyped] = useState<string | null>(null);
  if (!settled) return <Autocomplete {...rest} value={value} onChange={onChange} />;
  const say = (text: string) => {
    setTyped(null);
    if (text !== value) onChange(text);
  };
  return (
    <Autocomplete
      {...rest}
      value={typed ?? value}
      onChange={setTyped}
      onOptionSubmit={say}
      onBlur={() => typed !== null && say(typed)}
      onKeyDown={(pressed) => pressed.key === "Enter" && typed !== null && say(typed)}
    />
  );
}

interface NamePickerProps extends Field {
  /** What is named: values of this property of this event. */
  event: string;
  property: string;
  value: string;
  onChange: (name: string) => void;
  placeholder?: string;
}

/** One value of a property, told when it is chosen or left; or none. */
export function NamePicker({ event, property, value, onChange, placeholder, ...field }: NamePickerProps) {
  const known = useValues(event, property, "");
  const counts = new Map(known.map((one) => [one.value, one.events]));
  return (
    <Completed
      {...labelled(field)}
      settled
      value={value}
      onChange={onChange}
      data={[...counts.keys()]}
      renderOption={({ option }) => <Volume name={option.value} events={counts.get(option.value)} />}
      placeholder={placeholder}
      limit={200}
      comboboxProps={{ width: 300, position: "bottom-start" }}
      maxDropdownHeight={320}
    />
  );
}
