/** The range of time: what it is, steps back and forth, and the place where another is chosen. */

import { ActionIcon, Button, Group, Popover } from "@mantine/core";
import { CalendarDays, ChevronLeft, ChevronRight } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useSession } from "../session";
import { movedRange, PRESETS } from "../state/range";
import { useChange, useFrame, useNow } from "../state/use-view";
import { Keyed } from "./keyed";
import { Waiting } from "./states";

const Chooser = lazy(() => import("./range-chooser"));

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
  const preset = PRESETS.find((one) => one.range === range);
  const short = preset && !["today", "yesterday"].includes(preset.range) ? `${preset.label} · ` : "";
  const next = movedRange(range, 1, project.timezone, now);
  return (
    <Group gap={4} wrap="nowrap">
      <Keyed of="before">
        <ActionIcon size={30} aria-label="The range before" onClick={() => move(-1)}>
          <ChevronLeft size={16} />
        </ActionIcon>
      </Keyed>
      <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="md" trapFocus returnFocus>
        <Popover.Target>
          <Button
            variant="default"
            leftSection={<CalendarDays size={14} />}
            onClick={() => setOpened((before) => !before)}
            aria-label={`Range: ${short}${bounds.words}`}
            data-hotkey="range"
          >
            {short}
            {bounds.words}
          </Button>
        </Popover.Target>
        <Popover.Dropdown maw="calc(100vw - 24px)">
          {opened && (
            <Suspense fallback={<Waiting height={460} />}>
              <Chooser go={go} />
            </Suspense>
          )}
        </Popover.Dropdown>
      </Popover>
      <Keyed of="after">
        <ActionIcon size={30} aria-label="The range after" disabled={next === null} onClick={() => move(1)}>
          <ChevronRight size={16} />
        </ActionIcon>
      </Keyed>
    </Group>
  );
}
