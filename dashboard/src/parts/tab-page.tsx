/** A page of tabs, one of which is open: the address says which. There is one for whatever somebody has the right to. */

import { Tabs } from "@mantine/core";
import { type ComponentType, Suspense } from "react";
import { type Right, useSession } from "../session";
import { useChange, usePageView } from "../state/use-view";
import { Fence, Heading, Waiting } from "./states";

export interface TabRow {
  tab: string;
  title: string;
  right: Right;
  Tab: ComponentType;
}

export function TabPage({ title, tabs }: { title: string; tabs: readonly TabRow[] }) {
  const { may } = useSession();
  const { tab } = usePageView();
  const change = useChange();
  const rows = tabs.filter(({ right }) => may(right));
  const open = rows.find((row) => row.tab === tab) ?? rows[0];
  if (!open) return null;
  return (
    <>
      <Heading title={title} />
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
