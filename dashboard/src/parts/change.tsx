/** How a number moved against what it is compared with. */

import { Text } from "@mantine/core";
import { ArrowDownRight, ArrowUpRight } from "lucide-react";
import { change as changeWords } from "../state/words";
import classes from "./change.module.css";

interface ChangeProps {
  /** Percent; null from nothing to something, undefined where nothing is compared. */
  value: number | null | undefined;
  /** Less is better. */
  lessIsGood?: boolean;
  title?: string;
}

export function Change({ value, lessIsGood = false, title }: ChangeProps) {
  if (value === undefined) return null;
  const way = value === null || value === 0 ? "same" : value > 0 !== lessIsGood ? "good" : "bad";
  const Arrow = value !== null && value < 0 ? ArrowDownRight : ArrowUpRight;
  return (
    <Text span fz="xs" className={`numbers ${classes[way]}`} title={title}>
      {value !== null && value !== 0 && <Arrow size={12} aria-hidden />}
      {value === null ? "new" : changeWords(value)}
    </Text>
  );
}
