/** What can be set, and what is known of how it goes: a tab for each, for whoever has the right. */

import { Tabs } from "@mantine/core";
import { type ComponentType, lazy, Suspense } from "react";
import { Annotations } from "../parts/annotate";
import { Panel } from "../parts/insight-card";
import { Fence, Heading, Waiting } from "../parts/states";
import { type Right, useSession } from "../session";
import { BrowserTab } from "../settings/browser";
import { LinksTab } from "../settings/links";
import { useChange, usePageView } from "../state/use-view";

interface TabRow {
  tab: string;
  title: string;
  right: Right;
  Tab: ComponentType;
}

const TABS: readonly TabRow[] = [
  { tab: "project", title: "Project", right: "view", Tab: lazy(() => import("../settings/project")) },
  { tab: "keys", title: "Keys", right: "admin", Tab: lazy(() => import("../settings/keys")) },
  { tab: "members", title: "Members", right: "admin", Tab: lazy(() => import("../settings/members")) },
  { tab: "quarantine", title: "Quarantine", right: "read", Tab: lazy(() => import("../settings/quarantine")) },
  { tab: "annotations", title: "Annotations", right: "view", Tab: AnnotationsTab },
  { tab: "links", title: "Links", right: "edit", Tab: LinksTab },
  { tab: "audit", title: "Audit log", right: "admin", Tab: lazy(() => import("../settings/audit")) },
  { tab: "system", title: "System", right: "view", Tab: lazy(() => import("../settings/system")) },
  { tab: "browser", title: "This browser", right: "stats", Tab: BrowserTab },
];

function AnnotationsTab() {
  return (
    <Panel title="Annotations">
      <Annotations />
    </Panel>
  );
}

export default function SettingsPage() {
  const { may } = useSession();
  const { tab } = usePageView();
  const change = useChange();
  const rows = TABS.filter(({ right }) => may(right));
  const open = rows.find((row) => row.tab === tab) ?? rows[0];
  if (!open) return null;
  return (
    <>
      <Heading title="Settings" />
      <Tabs value={open.tab} onChange={(chosen) => change({ tab: chosen ?? undefined })} keepMounted={false}>
        <Tabs.List mb="md">
          {rows.map((row) => (
            <Tabs.Tab key={row.tab} value={row.tab} px="sm">
              {row.title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {rows.map(({ tab: name, Tab }) => (
          <Tabs.Panel key={name} value={name}>
            <Fence of={name}>
              <Suspense fallback={<Waiting />}>
                <Tab />
              </Suspense>
            </Fence>
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}
