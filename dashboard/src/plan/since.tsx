/** How far back the plan is held against what came: in the address, a week until somebody chooses. */

import { SegmentedControl } from "@mantine/core";
import { useChange, usePageView } from "../state/use-view";
import { oneOf } from "../state/view";
import { type Since, SPANS, USUAL_SINCE } from "./standing";

const KNOWN = Object.keys(SPANS) as Since[];

export function useSince(): Since {
  return oneOf(usePageView().since, KNOWN) ?? USUAL_SINCE;
}

export function SinceChoice() {
  const since = useSince();
  const change = useChange();
  return (
    <SegmentedControl
      size="xs"
      aria-label="How far back"
      value={since}
      onChange={(chosen) => change({ since: chosen === USUAL_SINCE ? undefined : chosen })}
      data={KNOWN.map((value) => ({ value, label: SPANS[value].title }))}
    />
  );
}
