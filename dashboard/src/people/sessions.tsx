/** Somebody's sessions, newest first: when, how long, what was done in which order, and the time between them. */

import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Visit, visitsOptions } from "../api/people";
import { Failure, Nothing, Waiting } from "../parts/states";
import { useSession } from "../session";
import { count, counted, duration, momentIn, timeIn } from "../state/words";
import classes from "./people.module.css";
import { between, PAUSE, type Point, pointsOf } from "./timeline";

export function Sessions({ person }: { person: string }) {
  const { api } = useSession();
  const { data, error, isPending, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery(
    visitsOptions(api, person),
  );
  if (error && !data) return <Failure error={error} again={() => refetch()} />;
  if (isPending) return <Waiting label="Loading sessions" />;
  const total = data.pages[0]?.total ?? 0;
  const visits = data.pages.flatMap((page) => page.sessions);
  if (visits.length === 0) return <Nothing title="No sessions">Events without a visitor are in none.</Nothing>;
  return (
    <Stack gap={0}>
      <Text size="xs" c="dimmed" mb="xs">
        {counted(total, "session")}, the newest first
      </Text>
      {visits.map((visit, place) => {
        const later = visits[place - 1];
        return (
          <div key={visit.id}>
            {later && (
              <Text size="xs" c="dimmed" className={`${classes.between} numbers`}>
                {duration(between(later, visit))} between them
              </Text>
            )}
            <Session visit={visit} />
          </div>
        );
      })}
      {hasNextPage && (
        <Button variant="default" mt="sm" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
          More ({count(total - visits.length)} left)
        </Button>
      )}
    </Stack>
  );
}

/** How many moments are shown before somebody asks for all. */
const FIRST_MOMENTS = 8;

function Session({ visit }: { visit: Visit }) {
  const { project } = useSession();
  const [all, setAll] = useState(false);
  const points = pointsOf(visit.timeline);
  const shown = all ? points : points.slice(0, FIRST_MOMENTS);
  const hidden = points.length - shown.length;
  return (
    <article className={classes.visit} aria-label={`Session of ${momentIn(project.timezone, visit.started)}`}>
      <Group gap="xs" justify="space-between">
        <Text size="sm" fw={600} className="numbers">
          {momentIn(project.timezone, visit.started)}
        </Text>
        <Group gap={6}>
          {visit.bounced && (
            <Badge variant="light" color="gray" tt="none">
              bounced
            </Badge>
          )}
          <Text size="xs" c="dimmed" className="numbers">
            {duration(visit.duration_s)} · {counted(visit.events, "event")}
          </Text>
        </Group>
      </Group>
      <div className={classes.strip} aria-hidden>
        {points.map(({ moment, at }) => (
          <span key={moment.event_id} style={{ left: `${at * 100}%` }} />
        ))}
      </div>
      <ol className={classes.moments} aria-label="What was done, in order">
        {shown.map((point) => (
          <MomentRow key={point.moment.event_id} point={point} />
        ))}
      </ol>
      {hidden > 0 && (
        <Button variant="subtle" color="gray" onClick={() => setAll(true)}>
          {counted(hidden, "more event")}
        </Button>
      )}
      {all && visit.events > points.length && (
        <Text size="xs" c="dimmed">
          The first {count(points.length)} of {count(visit.events)}.
        </Text>
      )}
    </article>
  );
}

function MomentRow({ point: { moment, after } }: { point: Point }) {
  const { project } = useSession();
  const on = [moment.page, [moment.component, moment.action].filter(Boolean).join(" ")].filter(Boolean).join(" · ");
  return (
    <li>
      {after >= PAUSE && (
        <Text size="xs" c="dimmed" className={`${classes.pause} numbers`}>
          {duration(after)} without anything
        </Text>
      )}
      <Group gap={8} wrap="nowrap" align="baseline">
        <Text span size="xs" c="dimmed" className="numbers" flex="none">
          {timeIn(project.timezone, moment.timestamp)}
        </Text>
        <Text span size="sm" fw={500} style={{ overflowWrap: "anywhere" }}>
          {moment.event}
          <Text span size="sm" c="dimmed" fw={400} ml={8}>
            {on}
          </Text>
        </Text>
      </Group>
    </li>
  );
}
