/** A field in which one picks values of a property. */

import { TagsInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useValues } from "../api/catalog";
import { type Field, labelled, Volume } from "./pickers";

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
