/** How the installation is: what arrived and became of it, and what the doctor finds. */

import { Badge, Button, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { CircleAlert, CircleCheck, Info, type LucideIcon } from "lucide-react";
import { type Finding, useDoctor, useIngest } from "../api/settings";
import { Panel } from "../parts/insight-card";
import { Failure, Waiting } from "../parts/states";
import { useSession } from "../session";
import { count, duration, momentIn } from "../state/words";

export default function SystemTab() {
  const { may } = useSession();
  return (
    <Stack gap="md">
      <Ingest />
      {may("admin") && <Doctor />}
    </Stack>
  );
}

function Ingest() {
  const { data, error, refetch } = useIngest();
  if (error && !data) return <Failure error={error} again={() => refetch()} />;
  if (!data) return <Waiting height={120} />;
  const { queue } = data;
  const told: [string, string][] = [
    ["Accepted", count(data.accepted)],
    ["Stored", count(data.stored)],
    ["Waiting", count(data.queued)],
    ["Quarantined", count(data.quarantined)],
    ["Duplicates", count(data.duplicates)],
    ["Behind by", duration(data.lag_seconds)],
    ["Queue on disk", `${bytes(queue.bytes)} of ${bytes(queue.limit_bytes)}`],
  ];
  return (
    <Panel
      title="Events of this project"
      actions={
        <Badge color={queue.refusing === null ? "teal" : "orange"} variant="light" tt="none">
          {queue.refusing ?? "Events are taken"}
        </Badge>
      }
    >
      <SimpleGrid component="dl" m={0} cols={{ base: 2, sm: 4, lg: 7 }} spacing="sm" className="numbers">
        {told.map(([name, value]) => (
          <div key={name}>
            <Text component="dt" size="xs" c="dimmed">
              {name}
            </Text>
            <Text component="dd" m={0} fw={600}>
              {value}
            </Text>
          </div>
        ))}
      </SimpleGrid>
      {data.quarantine_dropped > 0 && (
        <Text size="xs" c="dimmed" mt="xs">
          Of those quarantined, {count(data.quarantine_dropped)} are not kept any more, because there were too many.
        </Text>
      )}
    </Panel>
  );
}

const UNITS = ["B", "KB", "MB", "GB", "TB"];

function bytes(size: number): string {
  const power = size < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(size) / 10));
  return `${count(Math.round((size / 1024 ** power) * 10) / 10)} ${UNITS[power]}`;
}

const STATES: Record<Finding["state"], { icon: LucideIcon; tone: string; words: string; first: number }> = {
  wrong: { icon: CircleAlert, tone: "var(--mantine-color-error)", words: "wants something done", first: 0 },
  note: { icon: Info, tone: "var(--mantine-primary-color-light-color)", words: "wants to be read", first: 1 },
  well: { icon: CircleCheck, tone: "var(--footfall-good)", words: "well", first: 2 },
};

function Doctor() {
  const { project } = useSession();
  const { data, error, isFetching, refetch } = useDoctor();
  const findings = data?.findings.toSorted((one, other) => STATES[one.state].first - STATES[other.state].first) ?? [];
  return (
    <Panel
      title="The doctor"
      actions={
        <Group gap="xs">
          {data && (
            <Text size="xs" c="dimmed" className="numbers">
              Looked {momentIn(project.timezone, data.at, true)}
            </Text>
          )}
          <Button variant="default" loading={isFetching} onClick={() => refetch()}>
            Look again
          </Button>
        </Group>
      }
    >
      {error && <Failure error={error} again={() => refetch()} />}
      {!data && !error && <Waiting height={160} />}
      <Stack gap={0} component="ul" p={0} m={0} style={{ listStyle: "none" }}>
        {findings.map((finding) => (
          <li key={finding.name} className="ruled">
            <FindingRow finding={finding} />
          </li>
        ))}
      </Stack>
    </Panel>
  );
}

function FindingRow({ finding }: { finding: Finding }) {
  const { icon: Icon, tone, words } = STATES[finding.state];
  return (
    <Group gap={10} wrap="nowrap" align="start">
      <Icon size={16} color={tone} style={{ flex: "none", marginTop: 2 }} role="img" aria-label={words} />
      <div>
        <Text size="sm" fw={600}>
          {finding.name}
        </Text>
        <Text size="sm">{finding.says}</Text>
        {finding.advice && (
          <Text size="sm" c="dimmed">
            {finding.advice}
          </Text>
        )}
      </div>
    </Group>
  );
}
