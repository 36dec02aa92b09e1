/** A field for a text that the address keeps: it is stored a moment after somebody stopped typing. */

import { TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { Search } from "lucide-react";
import { useEffect, useState } from "react";

const PAUSE = 250;

interface SearchFieldProps {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
}

export function SearchField({ label, placeholder, value, onChange }: SearchFieldProps) {
  const [draft, setDraft] = useState<{ text: string; over: string } | null>(null);
  const [settled] = useDebouncedValue(draft, PAUSE);
  // Whoever goes back gets what stood there before.
  const shown = draft && draft.over === value ? draft.text : value;
  useEffect(() => {
    if (settled && settled.over === value && settled.text !== value) onChange(settled.text);
  }, [settled, value, onChange]);
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={placeholder}
      size="xs"
      miw={220}
      maw={520}
      flex={1}
      leftSection={<Search size={14} aria-hidden />}
      value={shown}
      onChange={(typed) => setDraft({ text: typed.currentTarget.value, over: value })}
      data-hotkey="search"
    />
  );
}
