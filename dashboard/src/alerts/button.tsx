/** Makes a rule of the question that is looked at, where there can be one. */

import { Button } from "@mantine/core";
import { BellRing } from "lucide-react";
import type { Filter, Interval, Kind } from "../api/types";
import { useSession } from "../session";
import { useGo } from "../state/use-view";
import { ruleOf } from "./from-question";
import { NEW } from "./words";

interface AlertButtonProps {
  kind: Kind;
  asked: object;
  filters: readonly Filter[] | undefined;
  interval: Interval;
}

export default function AlertButton({ kind, asked, filters = [], interval }: AlertButtonProps) {
  const { may } = useSession();
  const go = useGo();
  const rule = may("edit") && ruleOf(kind, asked, filters, interval);
  if (!rule) return null;
  return (
    <Button
      variant="subtle"
      color="gray"
      leftSection={<BellRing size={14} />}
      onClick={() => go("/alerts", { opened: NEW, q: rule as unknown as Record<string, unknown> })}
    >
      Alert
    </Button>
  );
}
