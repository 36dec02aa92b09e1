/** Events as rows, each of which opens. On a narrow screen the least of them is shown, the rest when one is open. */

import { Badge, Table, Text, UnstyledButton } from "@mantine/core";
import type { Event } from "../api/types";
import { useSession } from "../session";
import { momentIn } from "../state/words";
import { PersonLink } from "./behind";
import classes from "./opener.module.css";

interface EventTableProps {
  name: string;
  events: readonly Event[];
  open: (event: Event) => void;
  /** The events are all of one person. */
  ofOne?: boolean;
}

export function EventTable({ name, events, open, ofOne = false }: EventTableProps) {
  const { project } = useSession();
  return (
    <Table fz="sm" verticalSpacing={5} highlightOnHover className="numbers" aria-label={name}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Time</Table.Th>
          <Table.Th>Event</Table.Th>
          {!ofOne && <Table.Th visibleFrom="sm">Person</Table.Th>}
          <Table.Th visibleFrom="xs">Page</Table.Th>
          <Table.Th visibleFrom="md">Component</Table.Th>
          <Table.Th visibleFrom="md">Device</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {events.map((event) => (
          <Table.Tr key={event.event_id} pos="relative">
            <Table.Td w={ofOne ? 176 : 168}>{momentIn(project.timezone, event.timestamp, true)}</Table.Td>
            <Table.Td style={WRAPPED}>
              <UnstyledButton className={classes.opener} fz="sm" fw={500} mih={24} onClick={() => open(event)}>
                {event.event}
              </UnstyledButton>
              {event.bot && (
                <Badge ml={6} size="xs" variant="light" color="gray" tt="none">
                  bot
                </Badge>
              )}
            </Table.Td>
            {!ofOne && (
              <Table.Td visibleFrom="sm" className={classes.above} style={WRAPPED}>
                {event.person_id ? <PersonLink id={event.person_id} name={event.user_id} /> : "–"}
              </Table.Td>
            )}
            <Table.Td visibleFrom="xs" style={WRAPPED}>
              {event.page ?? "–"}
            </Table.Td>
            <Table.Td visibleFrom="md" style={WRAPPED}>
              {event.component ?? "–"}
              {event.action && (
                <Text span c="dimmed" fz="xs">
                  {" "}
                  {event.action}
                </Text>
              )}
            </Table.Td>
            <Table.Td visibleFrom="md">{event.device ?? "–"}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

const WRAPPED = { overflowWrap: "anywhere" } as const;
