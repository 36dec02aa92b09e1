/** The reports of a project: what each is of, when it is due, and what became of the last. */

import { ActionIcon, Button, Menu, ScrollArea, Switch, Table, Text, UnstyledButton } from "@mantine/core";
import { Ellipsis, Plus } from "lucide-react";
import { useState } from "react";
import { channelWords } from "../alerts/words";
import { useBoards } from "../api/boards";
import { refused, said } from "../api/change";
import { type ShownReport, useReporting, useReports } from "../api/reports";
import { useSavedInsights } from "../api/saved";
import { Ask } from "../parts/ask";
import { Panel } from "../parts/insight-card";
import { Failure, Nothing, Waiting } from "../parts/states";
import { useSession } from "../session";
import { useChange } from "../state/use-view";
import { momentIn } from "../state/words";
import { asReport, NEW, outcomeWords, scheduleWords } from "./words";

export function ReportsTab() {
  const { may } = useSession();
  const { data, error, isPending, refetch } = useReports();
  const change = useChange();
  return (
    <Panel
      title="Reports"
      actions={
        may("edit") && (
          <Button leftSection={<Plus size={14} />} onClick={() => change({ opened: NEW, q: undefined })}>
            New report
          </Button>
        )
      }
    >
      {error && <Failure error={error} again={() => refetch()} />}
      {isPending && <Waiting height={160} label="Loading the reports" />}
      {data?.length === 0 && (
        <Nothing title="There are no reports yet">
          A report sends the numbers of a board or of a saved insight, and how they changed, by e-mail or to a webhook:
          every day, week or month.
        </Nothing>
      )}
      {data && data.length > 0 && (
        <ScrollArea type="auto" viewportProps={{ tabIndex: 0, role: "region", "aria-label": "Reports" }}>
          <Table fz="sm" verticalSpacing={6} className="numbers" highlightOnHover>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>On</Table.Th>
                <Table.Th>Name</Table.Th>
                <Table.Th aria-label="What can be done" />
                <Table.Th>Of</Table.Th>
                <Table.Th>Next</Table.Th>
                <Table.Th>Last</Table.Th>
                <Table.Th>Channels</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.map((report) => (
                <Row key={report.id} report={report} />
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea>
      )}
    </Panel>
  );
}

function Row({ report }: { report: ShownReport }) {
  const { may, project } = useSession();
  const change = useChange();
  const { put } = useReporting();
  const { data: boards } = useBoards();
  const { data: saved } = useSavedInsights();
  const { name, last } = report;
  const of = boards?.find(({ id }) => id === report.board) ?? saved?.find(({ id }) => id === report.saved);
  const set = (enabled: boolean) =>
    put
      .mutateAsync({ id: report.id, report: { ...asReport(report), enabled } })
      .then(() => said(enabled ? `“${name}” is on.` : `“${name}” is off.`), refused);
  return (
    <Table.Tr>
      <Table.Td>
        <Switch
          aria-label={`“${name}” is on`}
          checked={report.enabled !== false}
          disabled={!may("edit") || put.isPending}
          onChange={(toggled) => set(toggled.currentTarget.checked)}
        />
      </Table.Td>
      <Table.Td miw={180}>
        <UnstyledButton fz="sm" fw={600} style={WRAPPED} onClick={() => change({ opened: report.id })}>
          {name}
        </UnstyledButton>
        <Text size="xs" c="dimmed">
          {scheduleWords(report)}
        </Text>
      </Table.Td>
      <Table.Td>{may("edit") && <RowMenu report={report} />}</Table.Td>
      <Table.Td miw={120} style={WRAPPED}>
        {of?.name ?? "…"}
      </Table.Td>
      <Table.Td miw={130}>{report.next ? momentIn(project.timezone, report.next) : "–"}</Table.Td>
      <Table.Td miw={130}>{last ? `${momentIn(project.timezone, last.sent_at)}, ${outcomeWords(last)}` : "–"}</Table.Td>
      <Table.Td>{channelWords(report)}</Table.Td>
    </Table.Tr>
  );
}

function RowMenu({ report: { id, name } }: { report: ShownReport }) {
  const change = useChange();
  const { remove, send } = useReporting();
  const [asks, setAsks] = useState(false);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={`What can be done with “${name}”`}>
            <Ellipsis size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => change({ opened: id })}>Edit</Menu.Item>
          <Menu.Item
            onClick={() => send.mutateAsync(id).then((sent) => said(`“${name}” is ${outcomeWords(sent)}.`), refused)}
          >
            Send it now
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" onClick={() => setAsks(true)}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asks && (
        <Ask
          title={`Delete “${name}”?`}
          deed="Delete"
          close={() => setAsks(false)}
          act={async () => {
            await remove.mutateAsync(id);
            said(`“${name}” is gone.`);
          }}
        >
          It is sent no more. What it is of stays.
        </Ask>
      )}
    </>
  );
}

const WRAPPED = { overflowWrap: "anywhere" } as const;
