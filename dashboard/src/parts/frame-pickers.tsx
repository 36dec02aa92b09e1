/** Into which buckets a range is cut, and with what it is compared. */

import { Select } from "@mantine/core";
import type { Interval } from "../api/types";
import { useChange, useFrame, useView } from "../state/use-view";
import type { Compare } from "../state/view";
import { intervalName } from "../state/words";
import { useTip } from "./keyed";

export function IntervalPicker() {
  const { interval, intervals } = useFrame();
  const change = useChange();
  const tip = useTip("interval");
  return (
    <Select
      aria-label="Interval"
      data-hotkey="interval"
      title={tip}
      w={120}
      size="xs"
      value={interval}
      allowDeselect={false}
      onChange={(chosen) => change({ interval: (chosen ?? undefined) as Interval | undefined, list: undefined })}
      data={intervals.map((one) => ({ value: one, label: `by ${intervalName(one)}` }))}
    />
  );
}

const COMPARES: { value: Compare; label: string }[] = [
  { value: "none", label: "No comparison" },
  { value: "previous_period", label: "The period before" },
  { value: "previous_year", label: "The year before" },
];

/** `usual` is what an address means that says nothing of it. */
export function ComparePicker({ usual = "none" }: { usual?: Compare }) {
  const { compare } = useView();
  const change = useChange();
  const tip = useTip("compare");
  return (
    <Select
      aria-label="Compare with"
      data-hotkey="compare"
      title={tip}
      w={160}
      size="xs"
      value={compare ?? usual}
      allowDeselect={false}
      onChange={(chosen) => change({ compare: chosen === usual ? undefined : (chosen as Compare) })}
      data={COMPARES}
    />
  );
}
