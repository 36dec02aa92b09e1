/** Alerts: the rules and how they stand, what happened, and what is told regularly. */

import { OpenedRule } from "../alerts/drawer";
import { HistoryTab } from "../alerts/history";
import { RulesTab } from "../alerts/rules";
import { TabPage, type TabRow } from "../parts/tab-page";
import { OpenedReport } from "../reports/drawer";
import { ReportsTab } from "../reports/tab";
import { REPORTS } from "../reports/words";
import { usePageView } from "../state/use-view";

/** They come with the page, as those of the plan do. */
const TABS: readonly TabRow[] = [
  { tab: "rules", title: "Rules", right: "view", Tab: RulesTab },
  { tab: "history", title: "History", right: "view", Tab: HistoryTab },
  { tab: REPORTS, title: "Reports", right: "view", Tab: ReportsTab },
];

export default function AlertsPage() {
  const { tab } = usePageView();
  return (
    <>
      <TabPage title="Alerts" tabs={TABS} />
      {tab === REPORTS ? <OpenedReport /> : <OpenedRule />}
    </>
  );
}
