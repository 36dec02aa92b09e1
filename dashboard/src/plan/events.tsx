/** Every event that is planned or came of late: how it stands, who answers for it, and what is remarkable about it. */

import { Box, Chip, Group, Select, Table, Text, UnstyledButton } from "@mantine/core";
import { type ReactNode, useCallback } from "react";
import { type EventDrift, type EventState, useDrift, usePlan } from "../api/plan";
import { Panel } from "../parts/insight-card";
import classes from "../parts/opener.module.css";
import { SearchField } from "../parts/search-field";
import { ordered, type Sortable, SortTh, useOrder } from "../parts/sorting";
import { Failure, Nothing, Waiting } from "../parts/states";
import { useSession } from "../session";
import { useChange, usePageView } from "../state/use-view";
import { count, counted, momentIn } from "../state/words";
import { NoPlan } from "./no-plan";
import { SinceChoice, useSince } from "./since";
import { chosenOf, SPANS, summaryOf, tally } from "./standing";
import { StateBadge } from "./state-badge";
import { STATE_WORDS } from "./words";

export function EventsTab() {
  const since = useSince();
  const { data, error, isPlaceholderData, refetch } = useDrift(since);
  if (error && !data) return <Failure error={error} again={() => refetch()} />;
  if (!data) return <Waiting label="Loading the plan" />;
  return (
    <>
      {data.plan === null && (
        <Box mb="md">
          <NoPlan />
        </Box>
      )}
      <Panel title={data.plan === null ? "What comes" : "Events"} actions={<SinceChoice />}>
        <Box
          className={isPlaceholderData ? "stale" : undefined}
          aria-busy={isPlaceholderData}
          inert={isPlaceholderData}
        >
          {data.plan !== null && <Summary plan={data.plan} events={data.events} />}
          {data.events.length === 0 ? (
            <Nothing title="Nothing came yet">Events are listed here as soon as they come.</Nothing>
          ) : (
            <Listed events={data.events} />
          )}
        </Box>
      </Panel>
    </>
  );
}

function Summary({ plan, events }: { plan: number; events: readonly EventDrift[] }) {
  const since = useSince();
  const { data } = usePlan(plan);
  const { planned, came, unplanned, remarkable } = summaryOf(events);
  const told = [
    `Version ${plan}${data?.environment ? ` for ${data.environment}` : ""}`,
    `${count(came)} of ${counted(planned, "planned event")} came in the last ${SPANS[since].title}`,
    unplanned === 0 ? "nothing came that is not planned" : `${counted(unplanned, "event")} not planned`,
    remarkable === 0 ? "no findings" : `${counted(remarkable, "event")} with findings`,
  ];
  return (
    <Text size="sm" mb="sm" className="numbers" data-testid="plan-summary">
      {told.join(" · ")}
    </Text>
  );
}

interface ColumnRow {
  id: string;
  title: string;
  value: (event: EventDrift) => Sortable;
  cell?: (event: EventDrift, zone: string) => ReactNode;
  right?: boolean;
  visibleFrom?: "xs" | "sm" | "md" | "lg";
}

const NONE = "–";

/** After the event itself. */
const COLUMNS: readonly ColumnRow[] = [
  {
    id: "state",
    title: "State",
    value: (one) => STATE_WORDS[one.state],
    cell: (one) => <StateBadge state={one.state} />,
  },
  { id: "owner", title: "Owner", value: (one) => one.owner || null, visibleFrom: "md" },
  { id: "area", title: "Area", value: (one) => one.area || null, visibleFrom: "md" },
  { id: "version", title: "Version", value: (one) => one.version || null, visibleFrom: "lg" },
  { id: "count", title: "Events", value: (one) => one.count, cell: (one) => count(one.count), right: true },
  {
    id: "last_seen",
    title: "Last seen",
    value: (one) => one.last_seen || null,
    cell: (one, zone) => (one.last_seen ? momentIn(zone, one.last_seen) : NONE),
    visibleFrom: "sm",
  },
  {
    id: "findings",
    title: "Findings",
    value: (one) => one.findings?.length ?? 0,
    cell: (one) => one.findings?.length || NONE,
    right: true,
    visibleFrom: "xs",
  },
];

const EVENT: ColumnRow = { id: "event", title: "Event", value: (one) => one.event };

function Listed({ events }: { events: readonly EventDrift[] }) {
  const { project } = useSession();
  const { search = "", states = [], owner, area } = usePageView();
  const change = useChange();
  const [order, flip] = useOrder<string>();
  const column = [EVENT, ...COLUMNS].find((one) => one.id === order?.column);
  const rows = chosenOf(events, { search, states, owner, area });
  const shown = column && order ? ordered(rows, column.value, order.down) : rows;
  return (
    <>
      <Choices events={events} />
      <Text size="xs" c="dimmed" mb={4} aria-live="polite">
        {counted(shown.length, "event")}
      </Text>
      {shown.length === 0 ? (
        <Nothing title="No event like that">Another text, or another choice, may find some.</Nothing>
      ) : (
        <Table fz="sm" verticalSpacing={5} highlightOnHover className="numbers" aria-label="Events and the plan">
          <Table.Thead>
            <Table.Tr>
              {[EVENT, ...COLUMNS].map(({ id, title, right = false, visibleFrom }) => (
                <SortTh
                  key={id}
                  column={id}
                  title={title}
                  order={order}
                  flip={flip}
                  right={right}
                  visibleFrom={visibleFrom}
                />
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((one) => (
              <Table.Tr key={one.event} pos="relative">
                <Table.Td style={{ overflowWrap: "anywhere" }}>
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
                </Table.Td>
                {COLUMNS.map(({ id, cell, value, right, visibleFrom }) => (
                  <Table.Td key={id} ta={right ? "right" : "left"} {...(visibleFrom && { visibleFrom })}>
                    {cell ? cell(one, project.timezone) : (value(one) ?? NONE)}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </>
  );
}

/** What the list is searched by, and narrowed to. */
function Choices({ events }: { events: readonly EventDrift[] }) {
  const { search = "", states = [], owner, area } = usePageView();
  const change = useChange();
  const find = useCallback(
    (text: string) => change({ search: text === "" ? undefined : text }, { replace: true }),
    [change],
  );
  const known = tally(events.map((one) => one.state));
  return (
    <>
      <Group gap="xs" mb="xs">
        <SearchField label="Search events of the plan" placeholder="Part of a name" value={search} onChange={find} />
        <OneOf
          label="Owner"
          all="Every owner"
          names={events.map((one) => one.owner)}
          value={owner}
          onChange={(chosen) => change({ owner: chosen })}
        />
        <OneOf
          label="Area"
          all="Every area"
          names={events.map((one) => one.area)}
          value={area}
          onChange={(chosen) => change({ area: chosen })}
        />
      </Group>
      <Chip.Group
        multiple
        value={[...states]}
        onChange={(chosen) => change({ states: chosen.length > 0 ? chosen : undefined })}
      >
        <Group gap={6} mb="xs" role="group" aria-label="States">
          {(Object.keys(STATE_WORDS) as EventState[])
            .filter((state) => known.has(state) || states.includes(state))
            .map((state) => (
              <Chip key={state} value={state} size="sm" fz="xs" variant="light">
                {STATE_WORDS[state]} {count(known.get(state) ?? 0)}
              </Chip>
            ))}
        </Group>
      </Chip.Group>
    </>
  );
}

interface OneOfProps {
  label: string;
  /** When nothing is chosen. */
  all: string;
  names: readonly (string | undefined)[];
  value: string | undefined;
  onChange: (chosen: string | undefined) => void;
}

function OneOf({ label, all, names, value, onChange }: OneOfProps) {
  const known = tally(names);
  if (known.size === 0 && value === undefined) return null;
  return (
    <Select
      aria-label={label}
      size="xs"
      flex="1 1 130px"
      maw={170}
      value={value ?? ""}
      allowDeselect={false}
      onChange={(chosen) => onChange(chosen || undefined)}
      data={[{ value: "", label: all }, ...known.keys()]}
    />
  );
}
