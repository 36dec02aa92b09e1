/** The tracking plan: how what comes stands with it, what it has against events, what waits apart, and its versions. */

import { lazy } from "react";
import { TabPage, type TabRow } from "../parts/tab-page";
import { OpenedEvent } from "../plan/drawer";

const TABS: readonly TabRow[] = [
  { tab: "events", title: "Events", right: "view", Tab: lazy(() => import("../plan/events")) },
  { tab: "violations", title: "Violations", right: "view", Tab: lazy(() => import("../plan/violations")) },
  { tab: "quarantine", title: "Quarantine", right: "view", Tab: lazy(() => import("../plan/quarantine")) },
  { tab: "versions", title: "Versions", right: "view", Tab: lazy(() => import("../plan/versions")) },
];

export default function PlanPage() {
  return (
    <>
      <TabPage title="Plan" tabs={TABS} />
      <OpenedEvent />
    </>
  );
}
