/** How an event stands with the plan: by words, by a sign, and by colour. */

import { Badge } from "@mantine/core";
import {
  CircleCheck,
  CircleDashed,
  CircleHelp,
  CircleOff,
  CirclePause,
  Hourglass,
  type LucideIcon,
  PencilLine,
} from "lucide-react";
import type { EventState } from "../api/plan";
import { STATE_MEANINGS, STATE_WORDS } from "./words";

const LOOKS: Readonly<Record<EventState, { icon: LucideIcon; colour: string }>> = {
  seen: { icon: CircleCheck, colour: "teal" },
  unplanned: { icon: CircleHelp, colour: "orange" },
  stopped: { icon: CirclePause, colour: "orange" },
  never_seen: { icon: CircleDashed, colour: "gray" },
  deprecated: { icon: Hourglass, colour: "orange" },
  gone: { icon: CircleOff, colour: "gray" },
  draft: { icon: PencilLine, colour: "footfall" },
};

export function StateBadge({ state }: { state: EventState }) {
  const { icon: Icon, colour } = LOOKS[state];
  return (
    <Badge
      variant="light"
      color={colour}
      tt="none"
      title={STATE_MEANINGS[state]}
      leftSection={<Icon size={12} aria-hidden />}
      miw="max-content"
    >
      {STATE_WORDS[state]}
    </Badge>
  );
}
