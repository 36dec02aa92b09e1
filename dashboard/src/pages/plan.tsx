/** The tracking plan: how what comes stands with it, what it has against events, what waits apart, and its versions. */

import { TabPage, type TabRow } from "../parts/tab-page";
import { OpenedEvent } from "../plan/drawer";
import { EventsTab } from "../plan/events";
import { QuarantineTab } from "../plan/quarantine";
import { VersionsTab } from "../plan/versions";
import { ViolationsTab } from "../plan/violations";

/** They come with the page: as files of their own they would move 2 kB into what every page waits for (vite.config.ts). */
const TABS: readonly TabRow[] = [
  { tab: "events", title: "Events", right: "view", Tab: EventsTab },
  { tab: "violations", title: "Violations", right: "view", Tab: ViolationsTab },
  { tab: "quarantine", title: "Quarantine", right: "view", Tab: QuarantineTab },
  { tab: "versions", title: "Versions", right: "view", Tab: VersionsTab },
];

export default function PlanPage() {
  return (
    <>
      <TabPage title="Plan" tabs={TABS} />
      <OpenedEvent />
    </>
  );
}
