/** One event: what the plan says of it, what came, and what it has against that. */

import { Alert, Anchor, Badge, Button, Code, Drawer, Group, Stack, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { ChartLine, List } from "lucide-react";
import { type ReactNode, useState } from "react";
import {
  type EventDrift,
  type PlannedEvent,
  useDrift,
  useGroups,
  useObserved,
  usePlan,
  useViolations,
} from "../api/plan";
import { Failure, Waiting } from "../parts/states";
import { useSession } from "../session";
import { useChange, usePageView } from "../state/use-view";
import { count, counted, momentIn } from "../state/words";
import { Draft } from "./draft";
import { useSince } from "./since";
import { isPlanned, type PropertyRow, propertiesOf, SPANS } from "./standing";
import { StateBadge } from "./state-badge";
import { findingWords, STATE_MEANINGS, schemaWords } from "./words";

/** The event that the address names, whichever tab lies under it. */
export function OpenedEvent() {
  const { opened } = usePageView();
  const change = useChange();
  // It stays while it closes, and gives the focus back to where it came from.
  const [name, setName] = useState(opened);
  if (opened !== undefined && opened !== name) setName(opened);
  return (
    <Drawer
      opened={opened !== undefined}
      onClose={() => change({ opened: undefined })}
      position="right"
      size="xl"
      title={name}
      styles={{ title: { overflowWrap: "anywhere" } }}
      closeButtonProps={{ "aria-label": "Close the event" }}
    >
      {name !== undefined && <Opened name={name} />}
    </Drawer>
  );
}

function Opened({ name }: { name: string }) {
  const { data, error, refetch } = useDrift(useSince());
  const { data: plan } = usePlan(data?.plan);
  const drift = data?.events.find((one) => one.event === name);
  if (error) return <Failure error={error} again={() => refetch()} />;
  if (!data) return <Waiting label="Loading the event" />;
  if (!drift) {
    return (
      <Alert color="orange" role="alert">
        It is not planned, and did not come in this time.
      </Alert>
    );
  }
  return <Details drift={drift} planned={isPlanned(drift) ? plan?.bundle.events[name] : undefined} />;
}

interface DetailsProps {
  drift: EventDrift;
  planned: PlannedEvent | undefined;
}

function Details({ drift, planned }: DetailsProps) {
  return (
    <Stack gap="md">
      <div>
        <Group gap={6} mb={6}>
          <StateBadge state={drift.state} />
          <Text size="sm" c="dimmed">
            {STATE_MEANINGS[drift.state]}
          </Text>
        </Group>
        {planned?.description && <Text size="sm">{planned.description}</Text>}
      </div>
      <Ways drift={drift} planned={planned} />
      {drift.suggestion && <Meant name={drift.suggestion} />}
      <Facts drift={drift} planned={planned} />
      <Properties drift={drift} planned={planned} />
      {drift.state === "unplanned" && <DraftOf event={drift.event} />}
      <Against event={drift.event} />
    </Stack>
  );
}

function Ways({ drift, planned }: DetailsProps) {
  const { may } = useSession();
  const { range } = SPANS[useSince()];
  const names = [drift.event, ...(planned?.aliases ?? [])];
  const series = [{ event: drift.event, measure: "count" }];
  return (
    <Group gap="xs">
      {may("stats") && (
        <Button
          variant="default"
          leftSection={<ChartLine size={14} />}
          component={Link}
          to="/trends"
          search={{ range, q: { series } } as never}
        >
          Trend of this event
        </Button>
      )}
      {may("read") && (
        <Button
          variant="default"
          leftSection={<List size={14} />}
          component={Link}
          to="/events"
          search={{ range, events: names } as never}
        >
          Its events
        </Button>
      )}
    </Group>
  );
}

function Meant({ name }: { name: string }) {
  return (
    <Text size="sm">
      Did you mean <EventLink name={name} />?
    </Text>
  );
}

function EventLink({ name }: { name: string }) {
  const change = useChange();
  return (
    <Anchor component="button" type="button" fz="inherit" mih={24} onClick={() => change({ opened: name })}>
      {name}
    </Anchor>
  );
}

function Facts({ drift, planned }: DetailsProps) {
  const { project } = useSession();
  const moment = (at: string | undefined) => at && momentIn(project.timezone, at);
  const told: readonly (readonly [string, ReactNode])[] = [
    ["Sent when", planned?.trigger],
    ["Sent from", planned?.sources?.join(", ")],
    ["Owner", drift.owner],
    ["Area", drift.area],
    ["Version", drift.version],
    ["Status", planned && (planned.status ?? "active")],
    ["Replaced by", planned?.replaced_by && <EventLink name={planned.replaced_by} />],
    ["Sunset", planned?.sunset],
    ["Other names", planned?.aliases?.join(", ")],
    ["Needs, too", planned?.fields?.join(", ")],
    ["What breaks the plan", planned?.on_violation],
    ["Other properties", planned?.additional],
    ["Events", count(drift.count)],
    ["First seen", moment(drift.first_seen)],
    ["Last seen", moment(drift.last_seen)],
  ];
  return (
    <Table fz="sm" verticalSpacing={3} layout="fixed" className="numbers" aria-label="What is known of it">
      <Table.Tbody>
        {told
          .filter(([, value]) => Boolean(value))
          .map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" w="34%" fw={500} c="dimmed">
                {name}
              </Table.Th>
              <Table.Td style={WRAPPED}>{value}</Table.Td>
            </Table.Tr>
          ))}
      </Table.Tbody>
    </Table>
  );
}

function Part({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Group gap="xs" mb={4} align="baseline">
        <Text component="h3" fw={600} fz="sm">
          {title}
        </Text>
        {note && (
          <Text size="xs" c="dimmed">
            {note}
          </Text>
        )}
      </Group>
      {children}
    </section>
  );
}

function Properties({ drift, planned }: DetailsProps) {
  const { data, error, refetch } = useObserved(drift.event, useSince());
  const rows = propertiesOf(planned, drift.findings ?? [], data?.properties ?? []);
  if (error) return <Failure error={error} again={() => refetch()} />;
  if (!data) return <Waiting height={120} label="Loading the properties" />;
  if (rows.length === 0) return null;
  const looked = drift.sampled < drift.count ? "the newest " : "";
  return (
    <Part title="Properties" note={drift.sampled > 0 && `findings are of ${looked}${counted(drift.sampled, "event")}`}>
      <Table fz="sm" verticalSpacing={5} layout="fixed" className="numbers" aria-label="Properties">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Property</Table.Th>
            <Table.Th>Planned</Table.Th>
            <Table.Th>Came</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <PropertyLine key={row.name} row={row} isPlanned={planned !== undefined} />
          ))}
        </Table.Tbody>
      </Table>
    </Part>
  );
}

function PropertyLine({ row, isPlanned: hasPlan }: { row: PropertyRow; isPlanned: boolean }) {
  const { name, schema, unit, required, pii, onPii, seen, findings } = row;
  return (
    <Table.Tr style={{ verticalAlign: "top" }}>
      <Table.Th scope="row" fw={500} style={WRAPPED}>
        {name}
        {schema?.description && (
          <Text size="xs" c="dimmed">
            {schema.description}
          </Text>
        )}
      </Table.Th>
      <Table.Td style={WRAPPED}>
        {schema ? schemaWords(schema, unit) : hasPlan ? "not planned" : "–"}
        <Group gap={4} mt={2}>
          {required && <Mark>required</Mark>}
          {pii && pii !== "none" && <Mark colour="orange">{`pii: ${pii}${onPii ? `, ${onPii}` : ""}`}</Mark>}
        </Group>
      </Table.Td>
      <Table.Td style={WRAPPED}>
        {seen ? `${seen.kind}, in ${counted(seen.events, "event")}` : "–"}
        {findings.map((one) => (
          <Text key={one.sign} size="xs" c="var(--mantine-color-error)">
            {findingWords(one)}
          </Text>
        ))}
      </Table.Td>
    </Table.Tr>
  );
}

function Mark({ colour = "gray", children }: { colour?: string; children: string }) {
  return (
    <Badge size="xs" variant="light" color={colour} tt="none" h="auto" styles={{ label: { whiteSpace: "normal" } }}>
      {children}
    </Badge>
  );
}

function DraftOf({ event }: { event: string }) {
  const { may } = useSession();
  const [shown, setShown] = useState(false);
  if (!may("read")) return null;
  return (
    <Part title="Into the plan">
      {shown ? (
        <Draft event={event} />
      ) : (
        <Button variant="default" onClick={() => setShown(true)}>
          Show a draft
        </Button>
      )}
    </Part>
  );
}

function Against({ event }: { event: string }) {
  const { project } = useSession();
  const { data, error, refetch } = useViolations(useSince(), event);
  const { data: groups = [] } = useGroups();
  const waiting = groups.filter((one) => one.event === event).reduce((sum, one) => sum + one.entries, 0);
  if (error) return <Failure error={error} again={() => refetch()} />;
  if (!data) return <Waiting height={60} label="Loading the violations" />;
  return (
    <Part title="What the plan has against it" note="in events that were stored">
      {data.violations.length === 0 && <Text size="sm">Nothing.</Text>}
      {waiting > 0 && (
        <Text size="sm">
          {counted(waiting, "other")} {waiting === 1 ? "waits" : "wait"} in{" "}
          <Anchor component={Link} to="/plan" search={{ tab: "quarantine" } as never} fz="inherit">
            quarantine
          </Anchor>
          .
        </Text>
      )}
      <Stack gap={0} component="ul" p={0} m={0} style={{ listStyle: "none" }}>
        {data.violations.map((one) => (
          <li key={`${one.app_version} ${one.rule} ${one.path} ${one.expected} ${one.actual}`} className="ruled">
            <Group gap={6} align="baseline">
              <Mark colour="orange">{one.rule}</Mark>
              <Code style={WRAPPED}>{one.path}</Code>
              <Text size="xs" c="dimmed" className="numbers">
                {counted(one.events, "event")}
                {one.app_version && ` of ${one.app_version}`}, last {momentIn(project.timezone, one.last_seen)}
              </Text>
            </Group>
            <Text size="sm" style={WRAPPED}>
              {expectedWords(one)}
            </Text>
          </li>
        ))}
      </Stack>
    </Part>
  );
}

export function expectedWords({ expected, actual }: { expected: string; actual: string }): string {
  return actual ? `Expected ${expected}, found ${actual}` : `Expected ${expected}`;
}

const WRAPPED = { overflowWrap: "anywhere" } as const;
