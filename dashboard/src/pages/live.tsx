/** Live: what arrives, as it arrives, newest first. */

import { Alert, Badge, Button, Group, Text, VisuallyHidden } from "@mantine/core";
import { Pause, Play } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { withBots } from "../api/events";
import type { Gap } from "../api/live";
import classes from "../live/live.module.css";
import { Rows } from "../live/rows";
import { type Line, useFeed } from "../live/use-feed";
import { EventNames } from "../parts/event-names";
import { Panel } from "../parts/insight-card";
import { ForReaders } from "../parts/not-allowed";
import { Failure, Heading, Nothing, Waiting } from "../parts/states";
import { useSession } from "../session";
import { type Feed, lastMinute, MOST_ROWS } from "../state/feed";
import { useClock } from "../state/use-clock";
import { useChange, usePageView } from "../state/use-view";
import { count, counted, momentIn } from "../state/words";

export default function LivePage() {
  return (
    <>
      <Heading title="Live" />
      <ForReaders what="Single events">
        <LiveFeed />
      </ForReaders>
    </>
  );
}

function LiveFeed() {
  const view = usePageView();
  const change = useChange();
  const events = view.events ?? [];
  const { feed, line, problem, gap, known, pause, resume, again } = useFeed({
    events,
    filters: withBots(view.filters ?? [], view.bots === true),
  });
  return (
    <Panel>
      <Group justify="space-between" gap="xs" mb="xs">
        <EventNames
          label="Events that are shown"
          names={events}
          onChange={(names) => change({ events: names.length > 0 ? names : undefined })}
        />
        <Group gap="xs">
          <Pace feed={feed} />
          <LineBadge line={line} paused={feed.paused} />
          <Button
            variant={feed.paused ? "filled" : "default"}
            leftSection={feed.paused ? <Play size={14} /> : <Pause size={14} />}
            onClick={feed.paused ? resume : pause}
          >
            {feed.paused ? `Go on${feed.missing > 0 ? ` (${count(feed.missing)} new)` : ""}` : "Pause"}
          </Button>
        </Group>
      </Group>
      {line === "lost" && (
        <Alert color="orange" mb="xs" role="status" title="The connection is lost">
          It is being made again. What arrives meanwhile comes then, and nothing is left out.
        </Alert>
      )}
      {line === "refused" && <Failure error={problem} again={again} />}
      {gap && <GapNotice gap={gap} />}
      <Summary feed={feed} />
      {feed.rows.length > 0 ? (
        <Rows rows={feed.rows} />
      ) : known ? (
        <Nothing title="Nothing has arrived yet">Events stand here about a second after they were sent.</Nothing>
      ) : (
        <Waiting />
      )}
      {feed.rows.length >= MOST_ROWS && (
        <Text size="xs" c="dimmed" mt="xs">
          The {MOST_ROWS} newest are shown; Events has all.
        </Text>
      )}
    </Panel>
  );
}

const LINES: Record<Line, { text: string; color: string }> = {
  connecting: { text: "Connecting", color: "gray" },
  open: { text: "Listening", color: "teal" },
  lost: { text: "Connecting again", color: "orange" },
  refused: { text: "Not listening", color: "orange" },
};

function LineBadge({ line, paused }: { line: Line; paused: boolean }) {
  const { text, color } = paused && line === "open" ? { text: "Paused", color: "gray" } : LINES[line];
  return (
    <Badge variant="light" color={color} tt="none" data-testid="line">
      {text}
    </Badge>
  );
}

const PARTS = 30;

/** How many came within the last minute, and when. */
function Pace({ feed }: { feed: Feed }) {
  const now = useClock(1_000);
  const parts = lastMinute(feed, now, PARTS);
  const most = Math.max(...parts, 1);
  const all = parts.reduce((sum, one) => sum + one, 0);
  return (
    <Group gap={8} wrap="nowrap" title="Events that arrived here within the last minute">
      <span className={classes.pace} aria-hidden>
        {parts.map((events, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place
          <span key={place} style={{ height: `${events === 0 ? 4 : 12 + (events / most) * 88}%` }} />
        ))}
      </span>
      <Text size="sm" className="numbers" miw={82} ta="right" data-testid="pace">
        <Text span fw={650}>
          {count(all)}
        </Text>{" "}
        <Text span c="dimmed" size="xs">
          a minute
        </Text>
      </Text>
    </Group>
  );
}

function GapNotice({ gap }: { gap: Gap }) {
  const { project } = useSession();
  return (
    <Alert color="orange" mb="xs" title="Some events are left out">
      {gap.missed === null ? "How many is not known" : counted(gap.missed, "event")}
      {gap.first && gap.last
        ? ` from ${momentIn(project.timezone, gap.first, true)} to ${momentIn(project.timezone, gap.last, true)}`
        : ""}
      . Events has all of them.
    </Alert>
  );
}

/** How often what came is told to those who hear the page, in milliseconds. */
const TOLD = 10_000;

/** Not each row by itself: how many came, now and then. */
function Summary({ feed }: { feed: Feed }) {
  const latest = useRef(feed);
  latest.current = feed;
  const [told, setTold] = useState("");
  useEffect(() => {
    const timer = setInterval(() => {
      const [come = 0] = lastMinute(latest.current, Date.now(), 1);
      const name = latest.current.rows[0]?.event.event;
      setTold(come === 0 ? "" : `${counted(come, "event")} within the last minute, the newest ${name}`);
    }, TOLD);
    return () => clearInterval(timer);
  }, []);
  return (
    <VisuallyHidden component="p" m={0} aria-live="polite">
      {told}
    </VisuallyHidden>
  );
}
