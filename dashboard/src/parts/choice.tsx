/** A field with a few known answers, as a table of them says them. */

import { Select } from "@mantine/core";

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: Readonly<Record<T, string>>;
  onChange: (value: T) => void;
  w?: number;
}

export function Choice<T extends string>({ label, value, options, onChange, w = 170 }: ChoiceProps<T>) {
  return (
    <Select
      label={label}
      w={w}
      value={value}
      allowDeselect={false}
      data={Object.entries<string>(options).map(([one, text]) => ({ value: one, label: text }))}
      onChange={(chosen) => chosen !== null && onChange(chosen as T)}
      comboboxProps={{ position: "bottom-start" }}
      maxDropdownHeight={320}
    />
  );
}
