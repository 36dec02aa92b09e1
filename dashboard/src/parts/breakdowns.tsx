/** By what a number is broken down. */

import { ActionIcon, Button, Group } from "@mantine/core";
import { Plus, X } from "lucide-react";
import type { Schemas } from "../api/types";
import { useTip } from "./keyed";
import { NumberField } from "./number-field";
import { PropertyPicker } from "./pickers";

type Breakdown = Schemas["Breakdown"];

interface BreakdownsProps {
  breakdowns: readonly Breakdown[];
  onChange: (breakdowns: Breakdown[]) => void;
  most: number;
  event?: string;
}

export function Breakdowns({ breakdowns, onChange, most, event = "*" }: BreakdownsProps) {
  const tip = useTip("breakdown");
  const put = (place: number, changed: Breakdown) =>
    onChange(breakdowns.map((one, at) => (at === place ? changed : one)));
  return (
    <Group gap="xs" align="end">
      {breakdowns.map((one, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a breakdown is its place
        <Group key={place} gap={4} align="end" wrap="nowrap">
          <PropertyPicker
            label="Break down by"
            settled
            event={event}
            value={one.property}
            onChange={(property) => put(place, { ...one, property })}
          />
          <NumberField
            label="Rows"
            w={70}
            min={1}
            max={1000}
            value={one.limit ?? 10}
            onChange={(limit) => typeof limit === "number" && put(place, { ...one, limit })}
          />
          <ActionIcon
            size={30}
            aria-label={`Remove the breakdown by ${one.property || "nothing"}`}
            onClick={() => onChange(breakdowns.filter((_, at) => at !== place))}
          >
            <X size={14} />
          </ActionIcon>
        </Group>
      ))}
      {breakdowns.length < most && (
        <Button
          variant="subtle"
          color="gray"
          leftSection={<Plus size={14} />}
          data-hotkey="breakdown"
          title={tip}
          onClick={() => onChange([...breakdowns, { property: "", limit: 10 }])}
        >
          Break down
        </Button>
      )}
    </Group>
  );
}

/** Those that say by what, each once; a field that is still empty is none. */
export function wholeBreakdowns(breakdowns: readonly Breakdown[] | undefined): Breakdown[] {
  const said = (breakdowns ?? []).filter((one) => one.property.trim() !== "");
  return said.filter((one, place) => said.findIndex((other) => other.property === one.property) === place);
}
