/** What the plan had against events that were stored all the same, together by what one mend would end. */

import { Badge, Button, Code, Group, Table, Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { useViolations } from "../api/plan";
import { Panel } from "../parts/insight-card";
import classes from "../parts/opener.module.css";
import { Failure, Nothing, Waiting } from "../parts/states";
import { useSession } from "../session";
import { useChange } from "../state/use-view";
import { count, momentIn } from "../state/words";
import { SinceChoice, useSince } from "./since";
import { SPANS } from "./standing";

export function ViolationsTab() {
  const { project } = useSession();
  const since = useSince();
  const change = useChange();
  const [all, setAll] = useState(false);
  const { data, error, isPlaceholderData, refetch } = useViolations(since, undefined, all);
  const rows = data?.violations ?? [];
  return (
    <Panel title="Violations" actions={<SinceChoice />}>
      <Text size="sm" c="dimmed" mb="sm">
        What the plan had against events that were stored all the same, most frequent first, bots too. What waits apart
        is under Quarantine.
      </Text>
      {error && <Failure error={error} again={() => refetch()} />}
      {!data && !error && <Waiting height={160} label="Loading the violations" />}
      {data && rows.length === 0 && (
        <Nothing title={`Nothing broke the plan in the last ${SPANS[since].title}`}>
          An event that does, and that the plan lets through, is told here with its rule and place; what stood there
          never is.
        </Nothing>
      )}
      {rows.length > 0 && (
        <Table
          fz="sm"
          verticalSpacing={5}
          highlightOnHover
          className={isPlaceholderData ? "numbers stale" : "numbers"}
          aria-label="Violations"
          aria-busy={isPlaceholderData}
        >
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Event, and what is wrong with it</Table.Th>
              <Table.Th visibleFrom="md">Expected</Table.Th>
              <Table.Th visibleFrom="md">Found</Table.Th>
              <Table.Th visibleFrom="sm">App version</Table.Th>
              <Table.Th ta="right">Events</Table.Th>
              <Table.Th visibleFrom="sm">Last seen</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((one) => (
              <Table.Tr
                key={JSON.stringify([one.event, one.app_version, one.rule, one.path, one.expected, one.actual])}
                pos="relative"
              >
                <Table.Td style={WRAPPED}>
                  <UnstyledButton
                    className={classes.opener}
                    fz="sm"
                    fw={500}
                    mih={24}
                    onClick={() => change({ opened: one.event })}
                  >
                    {one.event}
                  </UnstyledButton>
                  {one.suggestion && (
                    <Text size="xs" c="dimmed">
                      did you mean {one.suggestion}?
                    </Text>
                  )}
                  <Group gap={6}>
                    <Badge variant="light" color="orange" tt="none">
                      {one.rule}
                    </Badge>
                    <Code>{one.path}</Code>
                  </Group>
                </Table.Td>
                <Table.Td visibleFrom="md" style={WRAPPED}>
                  {one.expected}
                </Table.Td>
                <Table.Td visibleFrom="md" style={WRAPPED}>
                  {one.actual || "–"}
                </Table.Td>
                <Table.Td visibleFrom="sm">{one.app_version ?? "–"}</Table.Td>
                <Table.Td ta="right">{count(one.events)}</Table.Td>
                <Table.Td visibleFrom="sm">{momentIn(project.timezone, one.last_seen)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {data?.more &&
        (all ? (
          <Text size="xs" c="dimmed" mt="xs">
            There are others, of fewer events.
          </Text>
        ) : (
          <Button variant="default" mt="sm" onClick={() => setAll(true)}>
            More
          </Button>
        ))}
    </Panel>
  );
}

const WRAPPED = { overflowWrap: "anywhere" } as const;
