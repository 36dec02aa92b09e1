/** Which of its ways a picture is drawn: the first that there is, until somebody chooses another. */

import { Group, SegmentedControl } from "@mantine/core";
import type { ReactNode } from "react";
import { useLook } from "./look";

export function useWays<Way extends string>(label: string, ways: Record<Way, string>): readonly [Way, ReactNode] {
  const [look, setLook] = useLook();
  const known = Object.keys(ways) as Way[];
  const way = known.find((one) => one === look.way) ?? (known[0] as Way);
  return [
    way,
    <Group key="way" mb="sm">
      <SegmentedControl
        size="xs"
        aria-label={label}
        value={way}
        onChange={(chosen) => setLook({ ...look, way: chosen })}
        data={known.map((value) => ({ value, label: ways[value] }))}
      />
    </Group>,
  ];
}
