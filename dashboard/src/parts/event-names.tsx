/** A field in which events are picked by their names; none picked means all. */

import { Group, TagsInput, Text } from "@mantine/core";
import { useEvents } from "../api/catalog";
import { brief } from "../state/words";

interface EventNamesProps {
  label: string;
  names: readonly string[];
  onChange: (names: string[]) => void;
}

export function EventNames({ label, names, onChange }: EventNamesProps) {
  const counts = new Map(useEvents().map((one) => [one.event, one.count]));
  return (
    <TagsInput
      aria-label={label}
      size="xs"
      miw={220}
      maw={520}
      flex={1}
      value={[...names]}
      onChange={onChange}
      data={[...counts.keys()]}
      renderOption={({ option }) => (
        <Group justify="space-between" wrap="nowrap" w="100%" gap="md">
          <Text size="sm" truncate>
            {option.value}
          </Text>
          <Text size="xs" c="dimmed" className="numbers">
            {brief(counts.get(option.value) ?? 0)}
          </Text>
        </Group>
      )}
      placeholder={names.length === 0 ? "All events" : ""}
      acceptValueOnBlur
      clearable
      clearButtonProps={{ "aria-label": "All events" }}
      maxDropdownHeight={320}
    />
  );
}
