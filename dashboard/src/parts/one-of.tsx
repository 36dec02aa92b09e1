/** Which part of a breakdown a picture shows: everything, or what has one value. */

import { Group } from "@mantine/core";
import type { ReactNode } from "react";
import type { Part } from "../insights/segments";
import { pruned } from "../state/view";
import { Choice } from "./choice";
import { useLook } from "./look";

/** The part that is shown, and the field that chooses it; null where there is only one. */
export function useOneOf<Numbers>(
  parts: readonly [Part<Numbers>, ...Part<Numbers>[]],
): readonly [Part<Numbers>, ReactNode] {
  const [look, setLook] = useLook();
  const shown = parts.find((part) => part.value === look.part) ?? parts[0];
  if (parts.length === 1) return [shown, null];
  return [
    shown,
    <Group key="of" mb="sm">
      <Choice
        label="Shown"
        w={220}
        value={String(parts.indexOf(shown))}
        options={Object.fromEntries(parts.map((part, place) => [String(place), part.name]))}
        onChange={(place) => setLook(pruned({ ...look, part: parts[Number(place)]?.value ?? undefined }))}
      />
    </Group>,
  ];
}
