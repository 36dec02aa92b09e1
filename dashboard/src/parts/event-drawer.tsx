/** All that is known of one event, and the ways from it: to others like it, to its session, to its person. */

import { Badge, Button, Drawer, Group, Stack, Table, Tabs, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Event, Filter } from "../api/types";
import { useSession } from "../session";
import { type Field, fieldsOf, propertiesOf } from "../state/fields";
import { holds, plusDays, todayIn } from "../state/range";
import { useFrame } from "../state/use-view";
import { isRecord } from "../state/view";
import { momentIn } from "../state/words";
import { PersonLink } from "./behind";
import { Copied } from "./explain";
import { FilterButton } from "./top-list";

interface EventDrawerProps {
  event: Event;
  close: () => void;
  onFilter?: ((filter: Filter) => void) | undefined;
}

export function EventDrawer({ event, close, onFilter }: EventDrawerProps) {
  return (
    <Drawer
      opened
      onClose={close}
      position="right"
      size="lg"
      title={event.event}
      closeButtonProps={{ "aria-label": "Close the event" }}
    >
      <EventDetails event={event} onFilter={onFilter} />
    </Drawer>
  );
}

function EventDetails({ event, onFilter }: Pick<EventDrawerProps, "event" | "onFilter">) {
  const { project } = useSession();
  const { bounds } = useFrame();
  const properties = propertiesOf(event);
  const day = todayIn(project.timezone, Date.parse(event.timestamp));
  // A session goes on over midnight at most once or twice.
  const around = { range: `${plusDays(day, -1)}..${plusDays(day, 1)}` };
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {momentIn(project.timezone, event.timestamp, true)}, {project.timezone}
      </Text>
      <Group gap="xs">
        {event.person_id && <PersonLink id={event.person_id} name={event.user_id} />}
        {event.session_id && (
          <Button
            variant="default"
            component={Link}
            to="/events"
            search={
              ((now: Record<string, unknown>) => ({
                ...now,
                filters: [{ property: "session_id", operator: "is", values: [event.session_id] }],
                ...(!holds(bounds, event.timestamp, project.timezone) && around),
                events: undefined,
                list: undefined,
                tab: undefined,
                opened: undefined,
                page: undefined,
              })) as never
            }
          >
            Show this session
          </Button>
        )}
      </Group>
      <Marks event={event} />
      <Tabs defaultValue="fields" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="fields">Fields</Tabs.Tab>
          <Tabs.Tab value="json">JSON</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="fields" pt="xs">
          {Object.keys(event.properties).length > 0 && (
            <Fields title="Properties" prefix="properties." fields={properties} onFilter={onFilter} />
          )}
          <Fields title="Fields" fields={fieldsOf(event)} onFilter={onFilter} />
        </Tabs.Panel>
        <Tabs.Panel value="json" pt="xs">
          <Copied name="JSON" text={JSON.stringify(event, null, 2)} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

/** What the server found odd about it. */
function Marks({ event }: { event: Event }) {
  const marks = [
    ...(event.bot ? ["bot"] : []),
    ...textsOf(event.flags),
    ...violationsOf(event.violations),
    ...Object.entries(isRecord(event.redacted) ? event.redacted : {}).map(([path, why]) => `${path}: ${why}`),
  ];
  if (marks.length === 0) return null;
  return (
    <Group gap={4}>
      {marks.map((mark) => (
        <Badge key={mark} variant="light" color="orange" tt="none">
          {mark}
        </Badge>
      ))}
    </Group>
  );
}

/** What the tracking plan has against it, in short. */
function violationsOf(found: unknown): string[] {
  return (Array.isArray(found) ? found : []).filter(isRecord).map(({ rule, path }) => `${rule}: ${path}`);
}

function textsOf(found: unknown): string[] {
  return Array.isArray(found) ? found.map((one) => (typeof one === "string" ? one : JSON.stringify(one))) : [];
}

interface FieldsProps {
  title: string;
  /** What all names begin with, where that is plain. */
  prefix?: string;
  fields: readonly Field[];
  onFilter: EventDrawerProps["onFilter"];
}

function Fields({ title, prefix, fields, onFilter }: FieldsProps) {
  return (
    <>
      <Text size="xs" fw={600} c="dimmed" mt="xs">
        {title}
      </Text>
      <Table fz="sm" verticalSpacing={3} mb="sm" layout="fixed" aria-label={title}>
        <Table.Tbody>
          {fields.map(({ name, text, filter }) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" w="38%" fw={500} c="dimmed" style={WRAPPED}>
                {prefix && name.startsWith(prefix) ? name.slice(prefix.length) : name}
              </Table.Th>
              <Table.Td style={WRAPPED}>{text}</Table.Td>
              <Table.Td w={40} p={2}>
                {filter && onFilter && <FilterButton filter={filter} onFilter={onFilter} />}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}

const WRAPPED = { overflowWrap: "anywhere" } as const;
