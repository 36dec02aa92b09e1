/** How a rule stands: by words, by a sign, and by colour. */

import { Badge } from "@mantine/core";
import {
  BellRing,
  CircleCheck,
  CircleDashed,
  CircleOff,
  Hourglass,
  type LucideIcon,
  Repeat,
  TrendingUp,
  VolumeX,
} from "lucide-react";
import type { RuleState, ShownRule } from "../api/alerts";
import { STATES } from "./words";

const ICONS: Readonly<Record<RuleState, LucideIcon>> = {
  firing: BellRing,
  flapping: Repeat,
  recovering: TrendingUp,
  pending: Hourglass,
  muted: VolumeX,
  no_data: CircleDashed,
  insufficient_data: CircleDashed,
  learning: Hourglass,
  ok: CircleCheck,
};

const OFF = { words: "Off", meaning: "It is not judged.", colour: "gray" };
const NEW = { words: "Not judged yet", meaning: "Its first window is not over.", colour: "gray" };

export function StateBadge({ rule }: { rule: Pick<ShownRule, "state" | "enabled"> }) {
  const on = rule.enabled !== false;
  const { words, meaning, colour } = on ? (rule.state ? STATES[rule.state] : NEW) : OFF;
  const Icon = on && rule.state ? ICONS[rule.state] : on ? CircleDashed : CircleOff;
  return (
    <Badge
      variant="light"
      color={colour}
      tt="none"
      title={meaning}
      leftSection={<Icon size={12} aria-hidden />}
      miw="max-content"
    >
      {words}
    </Badge>
  );
}
