/** Alerts: the rules and how they stand, and what happened. */

import { OpenedRule } from "../alerts/drawer";
import { HistoryTab } from "../alerts/history";
import { RulesTab } from "../alerts/rules";
import { TabPage, type TabRow } from "../parts/tab-page";

/** They come with the page, as those of the plan do. */
const TABS: readonly TabRow[] = [
  { tab: "rules", title: "Rules", right: "view", Tab: RulesTab },
  { tab: "history", title: "History", right: "view", Tab: HistoryTab },
];

export default function AlertsPage() {
  return (
    <>
      <TabPage title="Alerts" tabs={TABS} />
      <OpenedRule />
    </>
  );
}
