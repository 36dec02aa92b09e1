/** Which part of a breakdown a picture shows: everything, or what has one value. */

import { Group } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { Part } from "../insights/segments";
import { Choice } from "./choice";

/** The part that is shown, and the field that chooses it; null where there is only one. */
export function useOneOf<Numbers>(
  parts: readonly [Part<Numbers>, ...Part<Numbers>[]],
): readonly [Part<Numbers>, ReactNode] {
  const [value, setValue] = useState<string | null>(null);
  const shown = parts.find((part) => part.value === value) ?? parts[0];
  if (parts.length === 1) return [shown, null];
  return [
    shown,
    <Group key="of" mb="sm">
      <Choice
        label="Shown"
        w={220}
        value={String(parts.indexOf(shown))}
        options={Object.fromEntries(parts.map((part, place) => [String(place), part.name]))}
        onChange={(place) => setValue(parts[Number(place)]?.value ?? null)}
      />
    </Group>,
  ];
}
