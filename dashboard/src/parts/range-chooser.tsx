/** Where a range is chosen: presets with their keys, a field to type one in, and a calendar. */

import { Badge, Button, Group, Kbd, Stack, Text, TextInput } from "@mantine/core";
import { DatePicker } from "@mantine/dates";
import "@mantine/dates/styles.css";
import { useState } from "react";
import { useSession } from "../session";
import { daysInWords, PRESETS, plusDays, rangeFromText } from "../state/range";
import { useFirstField } from "../state/use-focus";
import { useKeysOn } from "../state/use-keys";
import { useFrame, useNow } from "../state/use-view";

const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;

export default function Chooser({ go }: { go: (range: string) => void }) {
  const { project } = useSession();
  const { range, bounds } = useFrame();
  const now = useNow();
  const [on] = useKeysOn();
  const form = useFirstField<HTMLFormElement>();
  const [typed, setTyped] = useState("");
  const understood = typed.trim() === "" ? undefined : rangeFromText(typed, project.timezone, now);
  const isDays = /^\d{4}-\d\d-\d\d$/.test(bounds.from);
  const [days, setDays] = useState<[string | null, string | null]>(
    isDays ? [bounds.from, plusDays(bounds.to, -1)] : [null, null],
  );
  return (
    <Stack gap="sm">
      <Group gap={6} maw={330}>
        {PRESETS.map((preset) => (
          <Button
            key={preset.range}
            variant={preset.range === range ? "filled" : "default"}
            aria-pressed={preset.range === range}
            title={preset.title}
            rightSection={on && <Kbd size="xs">{preset.key.toUpperCase()}</Kbd>}
            onClick={() => go(preset.range)}
          >
            {preset.label}
          </Button>
        ))}
      </Group>
      <form
        ref={form}
        onSubmit={(submitted) => {
          submitted.preventDefault();
          if (understood) go(understood);
        }}
      >
        <TextInput
          label="Or type one"
          placeholder="last 6 weeks, since 3 Mar, 1 Mar – 14 Mar"
          value={typed}
          onChange={(changed) => setTyped(changed.currentTarget.value)}
          error={understood === null ? "Not understood. Try “last 6 weeks” or “1 Mar – 14 Mar”." : undefined}
        />
      </form>
      <DatePicker
        type="range"
        allowSingleDateInRange
        value={days}
        onChange={(picked) => {
          setDays(picked);
          const [from, last] = picked;
          if (from && last) go(`${from}..${last}`);
        }}
        firstDayOfWeek={WEEKDAYS.indexOf(project.week_start) as 0 | 1 | 2 | 3 | 4 | 5 | 6}
        maxDate={plusDays(new Date(now).toISOString().slice(0, 10), 1)}
        aria-label="Days, both included"
      />
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          {days[0] && days[1] ? `${daysInWords(days[0], days[1])}, both days included` : "Pick a first and a last day"}
        </Text>
        <Badge variant="light" color="gray" tt="none">
          {project.timezone}
        </Badge>
      </Group>
    </Stack>
  );
}
