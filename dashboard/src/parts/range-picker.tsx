/** The range of time: presets with their keys, a field to type one in, a calendar, and steps back and forth. */

import { ActionIcon, Badge, Button, Group, Kbd, Popover, Stack, Text, TextInput } from "@mantine/core";
import { DatePicker } from "@mantine/dates";
import { useHotkeys } from "@mantine/hooks";
import { CalendarDays, ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";
import { useSession } from "../session";
import { daysInWords, movedRange, PRESETS, plusDays, rangeFromText } from "../state/range";
import { useChange, useFrame, useNow } from "../state/use-view";

const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;

export function RangePicker() {
  const { project } = useSession();
  const change = useChange();
  const { range, bounds } = useFrame();
  const now = useNow();
  const [opened, setOpened] = useState(false);
  const go = (next: string) => {
    change({ range: next, list: undefined });
    setOpened(false);
  };
  const move = (steps: -1 | 1) => {
    const next = movedRange(range, steps, project.timezone, now);
    if (next) go(next);
  };
  useHotkeys([
    ...PRESETS.map(({ key, range: preset }): [string, () => void] => [key, () => go(preset)]),
    ["ArrowLeft", () => move(-1)],
    ["ArrowRight", () => move(1)],
  ]);
  const preset = PRESETS.find((one) => one.range === range);
  const next = movedRange(range, 1, project.timezone, now);
  return (
    <Group gap={4} wrap="nowrap">
      <ActionIcon size={30} aria-label="The range before" onClick={() => move(-1)}>
        <ChevronLeft size={16} />
      </ActionIcon>
      <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="md" trapFocus returnFocus>
        <Popover.Target>
          <Button
            variant="default"
            leftSection={<CalendarDays size={14} />}
            onClick={() => setOpened((before) => !before)}
            aria-label={`Range: ${bounds.words}`}
            data-hotkey="range"
          >
            {preset && !["today", "yesterday"].includes(preset.range) ? `${preset.label} · ` : ""}
            {bounds.words}
          </Button>
        </Popover.Target>
        <Popover.Dropdown maw="calc(100vw - 24px)">{opened && <Chooser go={go} />}</Popover.Dropdown>
      </Popover>
      <ActionIcon size={30} aria-label="The range after" disabled={next === null} onClick={() => move(1)}>
        <ChevronRight size={16} />
      </ActionIcon>
    </Group>
  );
}

function Chooser({ go }: { go: (range: string) => void }) {
  const { project } = useSession();
  const { range, bounds } = useFrame();
  const now = useNow();
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
            rightSection={<Kbd size="xs">{preset.key.toUpperCase()}</Kbd>}
            onClick={() => go(preset.range)}
          >
            {preset.label}
          </Button>
        ))}
      </Group>
      <form
        onSubmit={(submitted) => {
          submitted.preventDefault();
          if (understood) go(understood);
        }}
      >
        <TextInput
          data-autofocus
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
