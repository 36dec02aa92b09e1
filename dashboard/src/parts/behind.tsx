/** The list behind a number: exactly the people, events or sessions that it counts, to the last one. */

import { Anchor, Button, Drawer, Group, Menu, SegmentedControl, Stack, Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Download } from "lucide-react";
import type { Pointed } from "../api/client";
import { saveFile } from "../api/file";
import { type Event, FILE_FORMATS, type Insights, type Kind, type Schemas, type Unit } from "../api/types";
import type { InsightKind } from "../insights/kind";
import { personName } from "../people/names";
import { useSession } from "../session";
import type { OpenList } from "../state/view";
import { count, counted, duration, momentIn } from "../state/words";
import { Failure, Nothing, Waiting } from "./states";

/** As much of a kind of question as its lists have to know. */
export type Listed<K extends Kind> = Pick<InsightKind<K>, "kind" | "lists">;

interface BehindProps<K extends Kind> {
  row: Listed<K>;
  question: Insights[K]["request"];
  list: OpenList;
  change: (list: OpenList | undefined) => void;
}

interface PageOf {
  total: number;
  next: string | null;
  people?: Schemas["Person"][];
  /** In the place of people, where a question is asked per group. */
  groups?: Schemas["Group"][];
  events?: Event[];
  sessions?: Schemas["Session"][];
}

const NAMES: Record<Unit, { one: string; many: string; title: string }> = {
  people: { one: "person", many: "people", title: "People" },
  events: { one: "event", many: "events", title: "Events" },
  sessions: { one: "session", many: "sessions", title: "Sessions" },
};

const GROUPS = { one: "group", many: "groups", title: "Groups" };

const PAGE = 50;

export function Behind<K extends Kind>({ row, question, list, change }: BehindProps<K>) {
  const { api, project, may } = useSession();
  const unit = row.lists.includes(list.unit) ? list.unit : row.lists[0];
  const number = { ...question, pointer: list.pointer } as unknown as Pointed<K>;
  const { data, error, isPending, isFetchingNextPage, fetchNextPage, hasNextPage, refetch } = useInfiniteQuery({
    queryKey: ["behind", project.id, row.kind, unit, number],
    queryFn: ({ pageParam, signal }) =>
      api.behind<K, PageOf>(row.kind, unit, number, { limit: PAGE, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    enabled: may("read"),
  });
  const total = data?.pages[0]?.total;
  const rows = data?.pages.flatMap((page): unknown[] => page[unit] ?? page.groups ?? []) ?? [];
  const name = unit === "people" && question.per ? GROUPS : NAMES[unit];
  return (
    <Drawer
      opened
      onClose={() => change(undefined)}
      position="right"
      size="xl"
      title={list.title || "What is behind this number"}
      closeButtonProps={{ "aria-label": "Close the list" }}
    >
      <Stack gap="sm">
        <Group justify="space-between">
          <SegmentedControl
            size="xs"
            value={unit}
            onChange={(chosen) => change({ ...list, unit: chosen as Unit })}
            data={row.lists.map((one) => ({
              value: one,
              label: one === "people" && question.per ? GROUPS.title : NAMES[one].title,
            }))}
          />
          {may("read") && <Exports row={row} number={number} unit={unit} />}
        </Group>
        <Text fw={600} aria-live="polite" data-testid="list-total">
          {total === undefined ? " " : counted(total, name.one, name.many)}
        </Text>
        {!may("read") && (
          <Nothing title="Lists are not shown to you">Who is behind a number is for analysts; ask an admin.</Nothing>
        )}
        {error ? <Failure error={error} again={() => refetch()} /> : null}
        {isPending && may("read") && !error && <Waiting label={`Loading ${name.many}`} />}
        {data && rows.length === 0 && (
          <Nothing title={`No ${name.many}`}>Nobody and nothing is behind this number.</Nothing>
        )}
        {rows.length > 0 && <Rows unit={unit} rows={rows} zone={project.timezone} />}
        {hasNextPage && (
          <Button variant="default" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
            {total === undefined ? "More" : `More (${count(total - rows.length)} left)`}
          </Button>
        )}
      </Stack>
    </Drawer>
  );
}

function Exports<K extends Kind>({ row, number, unit }: { row: Listed<K>; number: Pointed<K>; unit: Unit }) {
  const { api } = useSession();
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Button variant="default" leftSection={<Download size={14} />}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {FILE_FORMATS.map((format) => (
          <Menu.Item
            key={format}
            onClick={() => saveFile(api.file(row.kind, format, number, unit), `${row.kind}-${unit}.${format}`)}
          >
            All of it as {format.toUpperCase()}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

interface RowsProps {
  unit: Unit;
  rows: readonly unknown[];
  zone: string;
}

function Rows({ unit, rows, zone }: RowsProps) {
  return (
    <Table.ScrollContainer minWidth={420}>
      <Table fz="sm" verticalSpacing={5} className="numbers">
        {unit === "people" && <People rows={rows as Somebody[]} zone={zone} />}
        {unit === "events" && <Events rows={rows as Event[]} zone={zone} />}
        {unit === "sessions" && <Sessions rows={rows as Schemas["Session"][]} zone={zone} />}
      </Table>
    </Table.ScrollContainer>
  );
}

/** Somebody, by the best name there is, with a link to all that is known of them. */
export function PersonLink({ id, name }: { id: string; name?: string | null | undefined }) {
  return (
    <Anchor component={Link} to="/people/$person" params={{ person: id } as never} fz="sm">
      {personName({ id, user_id: name || null })}
    </Anchor>
  );
}

/** A group has no names of its own. */
type Somebody = Schemas["Person"] | Schemas["Group"];

function People({ rows, zone }: { rows: readonly Somebody[]; zone: string }) {
  return (
    <>
      <Heads names={["Who", "First seen", "Last seen"]} />
      <Table.Tbody>
        {rows.map((one) => (
          <Table.Tr key={one.id}>
            <Table.Td>{"user_id" in one ? <PersonLink id={one.id} name={one.user_id} /> : one.id}</Table.Td>
            <Table.Td>{momentIn(zone, one.first_seen)}</Table.Td>
            <Table.Td>{momentIn(zone, one.last_seen)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </>
  );
}

function Events({ rows, zone }: { rows: readonly Event[]; zone: string }) {
  return (
    <>
      <Heads names={["Event", "Who", "Page", "When"]} />
      <Table.Tbody>
        {rows.map((one) => (
          <Table.Tr key={one.event_id}>
            <Table.Td>{one.event}</Table.Td>
            <Table.Td>{one.person_id ? <PersonLink id={one.person_id} name={one.user_id} /> : "–"}</Table.Td>
            <Table.Td>{one.page ?? "–"}</Table.Td>
            <Table.Td>{momentIn(zone, one.timestamp, true)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </>
  );
}

function Sessions({ rows, zone }: { rows: readonly Schemas["Session"][]; zone: string }) {
  return (
    <>
      <Heads names={["Who", "Began", "Lasted", "Events", "From", "To"]} />
      <Table.Tbody>
        {rows.map((one) => (
          <Table.Tr key={one.id}>
            <Table.Td>{one.person_id ? <PersonLink id={one.person_id} /> : "–"}</Table.Td>
            <Table.Td>{momentIn(zone, one.started)}</Table.Td>
            <Table.Td>{duration(one.duration_s)}</Table.Td>
            <Table.Td>{count(one.events)}</Table.Td>
            <Table.Td>{one.entry ?? "–"}</Table.Td>
            <Table.Td>{one.exit ?? "–"}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </>
  );
}

function Heads({ names }: { names: readonly string[] }) {
  return (
    <Table.Thead>
      <Table.Tr>
        {names.map((name) => (
          <Table.Th key={name}>{name}</Table.Th>
        ))}
      </Table.Tr>
    </Table.Thead>
  );
}
