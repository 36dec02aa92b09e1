/** What can be set, and what is known of how it goes: a tab for each, for whoever has the right. */

import { Navigate } from "@tanstack/react-router";
import { lazy } from "react";
import { Annotations } from "../parts/annotate";
import { Panel } from "../parts/insight-card";
import { TabPage, type TabRow } from "../parts/tab-page";
import { BrowserTab } from "../settings/browser";
import { LinksTab } from "../settings/links";
import { usePageView } from "../state/use-view";

const TABS: readonly TabRow[] = [
  { tab: "project", title: "Project", right: "view", Tab: lazy(() => import("../settings/project")) },
  { tab: "keys", title: "Keys", right: "admin", Tab: lazy(() => import("../settings/keys")) },
  { tab: "members", title: "Members", right: "admin", Tab: lazy(() => import("../settings/members")) },
  { tab: "annotations", title: "Annotations", right: "view", Tab: AnnotationsTab },
  { tab: "links", title: "Links", right: "edit", Tab: LinksTab },
  { tab: "audit", title: "Audit log", right: "admin", Tab: lazy(() => import("../settings/audit")) },
  { tab: "system", title: "System", right: "view", Tab: lazy(() => import("../settings/system")) },
  { tab: "browser", title: "This browser", right: "stats", Tab: BrowserTab },
];

/** Tabs that are on another page now: people have kept their addresses. */
const MOVED: Partial<Record<string, string>> = { quarantine: "/plan" };

function AnnotationsTab() {
  return (
    <Panel title="Annotations">
      <Annotations />
    </Panel>
  );
}

export default function SettingsPage() {
  const { tab = "" } = usePageView();
  const elsewhere = MOVED[tab];
  if (elsewhere) return <Navigate to={elsewhere} search={{ tab } as never} replace />;
  return <TabPage title="Settings" tabs={TABS} />;
}
