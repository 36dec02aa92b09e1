/** What happened, newest first, and what became of each notice. */

import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { type Happened, useAlerting, useHistory } from "../api/alerts";
import { refused, said } from "../api/change";
import { useActors } from "../api/settings";
import { Panel } from "../parts/insight-card";
import { Failure, Nothing, Waiting } from "../parts/states";
import { useSession } from "../session";
import { momentIn } from "../state/words";
import { CHANNELS } from "./words";

export function HistoryTab() {
  return (
    <Panel title="History">
      <History />
    </Panel>
  );
}

/** Of one rule, or of all. */
export function History({ rule }: { rule?: string }) {
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useHistory(rule);
  const rows = data?.pages.flat() ?? [];
  return (
    <>
      {error && <Failure error={error} again={() => refetch()} />}
      {isPending && <Waiting height={120} label="Loading the history" />}
      {data && rows.length === 0 && <Nothing title="Nothing has happened yet" />}
      <Stack gap={0} component="ul" p={0} m={0} style={LISTED} aria-label="What happened">
        {rows.map((one) => (
          <li key={one.id} className="ruled">
            <Entry happened={one} />
          </li>
        ))}
      </Stack>
      {hasNextPage && (
        <Button variant="default" mt="xs" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
          More
        </Button>
      )}
    </>
  );
}

/** What nobody has to look after. */
const COLOURS: Readonly<Record<string, string>> = { resolved: "teal", test: "gray", corrected: "gray" };

function Entry({ happened }: { happened: Happened }) {
  const { may, project } = useSession();
  const { acknowledge } = useAlerting();
  const nameOf = useActors();
  const { state, severity, acknowledgedBy, acknowledgedAt } = happened;
  const isOpen = !(state in COLOURS) && acknowledgedBy === null;
  return (
    <section aria-label={`${happened.name}, ${state}`}>
      <Group gap={8} align="baseline">
        <Badge variant="light" color={COLOURS[state] ?? "red"} tt="none" miw="max-content">
          {state}
        </Badge>
        <Text size="sm" fw={600} style={WRAPPED}>
          {happened.name}
        </Text>
        {severity === "critical" && (
          <Badge variant="light" color="red" tt="none">
            critical
          </Badge>
        )}
        <Text size="xs" c="dimmed" className="numbers">
          {momentIn(project.timezone, happened.timestamp)}
        </Text>
      </Group>
      <Text size="sm" style={WRAPPED}>
        {happened.detail}
      </Text>
      {happened.deliveries.map((one) => (
        <Sent key={one.id} delivery={one} />
      ))}
      {acknowledgedBy !== null && (
        <Text size="xs" c="dimmed" title={acknowledgedBy}>
          {nameOf(acknowledgedBy)} looks after it
          {acknowledgedAt && `, since ${momentIn(project.timezone, acknowledgedAt)}`}.
        </Text>
      )}
      {isOpen && may("edit") && (
        <Button
          mt={6}
          variant="default"
          loading={acknowledge.isPending}
          onClick={() =>
            acknowledge.mutateAsync(happened.id).then(() => said("Everybody sees that you look after it."), refused)
          }
        >
          Acknowledge
        </Button>
      )}
    </section>
  );
}

/** What became of a notice for one channel. */
export function Sent({ delivery }: { delivery: Happened["deliveries"][number] }) {
  const { may, project } = useSession();
  const { retry } = useAlerting();
  const { type, status, attempts, error, at } = delivery;
  const title = CHANNELS[type as keyof typeof CHANNELS]?.title ?? type;
  return (
    <Group gap={8} mt={4} align="center">
      <Text size="xs" c="dimmed" className="numbers" style={WRAPPED}>
        {title}: {STATUSES[status] ?? status}
        {at && `, ${momentIn(project.timezone, at, true)}`}
        {attempts > 1 && `, ${attempts} tries`}
        {error && `: ${error}`}
      </Text>
      {status === "dead" && may("edit") && (
        <Button
          variant="default"
          size="compact-xs"
          loading={retry.isPending}
          onClick={() => retry.mutateAsync(delivery.id).then(() => said("It is tried again."), refused)}
        >
          Try again
        </Button>
      )}
    </Group>
  );
}

const STATUSES: Readonly<Record<string, string>> = {
  pending: "on its way",
  delivered: "delivered",
  held: "held back",
  dead: "not delivered",
};
const LISTED = { listStyle: "none" } as const;
const WRAPPED = { overflowWrap: "anywhere" } as const;
