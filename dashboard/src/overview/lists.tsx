/** Below the chart: what changed, and what was most. */

import { Group, Skeleton, Stack, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Filter, Insights } from "../api/types";
import { answerOptions } from "../insights/ask";
import { Change } from "../parts/change";
import { Panel } from "../parts/insight-card";
import { Failure, Fence } from "../parts/states";
import { FilterButton, TopList } from "../parts/top-list";
import { useSession } from "../session";
import type { OpenList } from "../state/view";
import { count, counted, duration, signed } from "../state/words";
import classes from "./overview.module.css";
import { isCompared, LISTS, type ListName, type Questions } from "./questions";

type Answer = Insights["overview"]["answer"];

interface ListsProps {
  /** Undefined while it is not known. */
  answer: Answer | undefined;
  question: Questions["components"];
  running: boolean;
  open: (list: OpenList) => void;
  onFilter: (filter: Filter) => void;
}

export function Lists({ answer, question, running, open, onFilter }: ListsProps) {
  const own = (name: ListName) => (
    <Fence key={name} of={answer}>
      <OwnList name={name} answer={answer} open={open} onFilter={onFilter} />
    </Fence>
  );
  const shown: Record<ListName, ReactNode> = {
    pages: own("pages"),
    components: <Components key="components" {...{ question, running, open, onFilter }} />,
    events: own("events"),
    sources: own("sources"),
    referrers: own("referrers"),
    devices: own("devices"),
  };
  return <div className={classes.lists}>{Object.values(shown)}</div>;
}

type RowProps = Pick<ListsProps, "answer" | "open" | "onFilter">;

function OwnList({ name, answer, open, onFilter }: RowProps & { name: ListName }) {
  const { title, counts, filter } = LISTS[name];
  const compared = answer !== undefined && isCompared(answer);
  return (
    <TopList
      title={title}
      counts={counts}
      onFilter={onFilter}
      rows={answer?.top[name]?.map((row) => ({
        name: row.name,
        value: row.events,
        note: compared && <Change value={row.change} title={`Before: ${count(row.previous ?? 0)}`} />,
        open: () => open(behindRow(name, row.name)),
        filter: filter(row.name),
      }))}
    />
  );
}

function behindRow(list: ListName, name: string): OpenList {
  return { of: "overview", pointer: { list, name }, unit: "events", title: `${LISTS[list].title} · ${name}` };
}

function Components({ question, running, open, onFilter }: Omit<ListsProps, "answer">) {
  const { api } = useSession();
  const { data, error, refetch, isPlaceholderData } = useQuery(answerOptions(api, "components", question, running));
  const { title, counts, filter } = LISTS.components;
  if (error && !data) {
    return (
      <Panel title={title}>
        <Failure error={error} again={() => refetch()} />
      </Panel>
    );
  }
  return (
    <div className={isPlaceholderData ? "stale" : undefined} inert={isPlaceholderData}>
      <TopList
        title={title}
        counts={`${counts}, median time`}
        onFilter={onFilter}
        nothing="None in this range. A component reports its visits with component_visit and component_exit."
        rows={data?.rows.map((row) => ({
          name: row.component,
          value: row.visits,
          note: <ComponentNote row={row} />,
          open: () =>
            open({
              of: "components",
              pointer: { row: row.component, of: "visits" },
              unit: "events",
              title: `Visits of ${row.component}`,
            }),
          filter: filter(row.component),
        }))}
      />
    </div>
  );
}

function ComponentNote({ row }: { row: Insights["components"]["answer"]["rows"][number] }) {
  return (
    <Text span size="xs" c="dimmed" className="numbers">
      {row.errors > 0 && (
        <Text span size="xs" c="var(--footfall-bad)" mr={8}>
          {counted(row.errors, "error")}
        </Text>
      )}
      {duration(row.median_s)}
    </Text>
  );
}

export function Changed({ answer, open, onFilter }: RowProps) {
  const empty = answer && isCompared(answer) ? null : "In the range before there was nothing to compare with.";
  const rows = empty ? undefined : answer?.changed;
  return (
    <Panel
      title="What changed"
      actions={
        <Text size="xs" c="dimmed">
          {answer && !rows ? "" : "the most, against before"}
        </Text>
      }
    >
      {!answer && <Skeleton height={180} animate={false} />}
      {answer && !rows && (
        <Text size="sm" c="dimmed" py="md">
          {answer.changed ? empty : "Nothing is compared. Choose “The period before” above."}
        </Text>
      )}
      {rows?.length === 0 && (
        <Text size="sm" c="dimmed" py="md">
          Nothing did.
        </Text>
      )}
      <Stack gap={2} component="ol" m={0} p={0} style={{ listStyle: "none" }}>
        {rows?.map((row) => (
          <Group key={`${row.list} ${row.name}`} component="li" gap={2} wrap="nowrap">
            <UnstyledButton
              className={classes.row}
              onClick={() => open(behindRow(row.list, row.name))}
              title={`${row.name}: ${count(row.previous)} before, ${count(row.events)} now`}
            >
              <Text span size="sm" truncate flex={1}>
                <Text span size="xs" c="dimmed" mr={6}>
                  {LISTS[row.list].one}
                </Text>
                {row.name}
              </Text>
              <Text span size="xs" c="dimmed" className="numbers">
                {signed(row.events - row.previous)}
              </Text>
              <Change value={row.change} />
            </UnstyledButton>
            <FilterButton filter={LISTS[row.list].filter(row.name)} onFilter={onFilter} />
          </Group>
        ))}
      </Stack>
    </Panel>
  );
}
