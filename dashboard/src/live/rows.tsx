/** The rows of a live page, newest first. Each opens to the whole event. */

import { Badge, Code, Text, UnstyledButton } from "@mantine/core";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";
import type { Event } from "../api/types";
import { PersonLink } from "../parts/behind";
import opener from "../parts/opener.module.css";
import { useSession } from "../session";
import type { Arrived } from "../state/feed";
import { timeIn } from "../state/words";
import classes from "./live.module.css";

export function Rows({ rows }: { rows: readonly Arrived[] }) {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const flip = (id: string) =>
    setOpened((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  return (
    <ol className={classes.rows} aria-label="Events, the newest first">
      {rows.map(({ event, at }) => (
        <Row
          key={event.event_id}
          event={event}
          isNew={at !== null}
          opened={opened.has(event.event_id)}
          flip={() => flip(event.event_id)}
        />
      ))}
    </ol>
  );
}

interface RowProps {
  event: Event;
  isNew: boolean;
  opened: boolean;
  flip: () => void;
}

function Row({ event, isNew, opened, flip }: RowProps) {
  const { project } = useSession();
  const Arrow = opened ? ChevronDown : ChevronRight;
  return (
    <li className={classes.row} data-new={isNew || undefined}>
      <div className={`${classes.line} numbers`}>
        <UnstyledButton className={opener.opener} aria-expanded={opened} onClick={flip} fz="sm">
          <Arrow size={13} aria-hidden />
          <Text span c="dimmed" fz="sm" flex="none">
            {timeIn(project.timezone, event.received_at)}
          </Text>{" "}
          <Text span fw={500} fz="sm">
            {event.event}
          </Text>
          {event.bot && (
            <Badge ml={6} size="xs" variant="light" color="gray" tt="none">
              bot
            </Badge>
          )}
        </UnstyledButton>
        <Text span fz="sm" truncate className={opener.above}>
          {event.person_id ? <PersonLink id={event.person_id} name={event.user_id} /> : ""}
        </Text>
        <Text span fz="sm" c="dimmed" truncate>
          {placeOf(event)}
        </Text>
        <Text span fz="sm" c="dimmed" truncate visibleFrom="sm">
          {[event.browser, event.device].filter(Boolean).join(", ")}
        </Text>
      </div>
      {opened && (
        <Code block className={classes.json} tabIndex={0} aria-label={`${event.event} as JSON`}>
          {JSON.stringify(event, null, 2)}
        </Code>
      )}
    </li>
  );
}

/** Where it happened, and on what. */
function placeOf({ page, component, action }: Event): string {
  return [page, [component, action].filter(Boolean).join(" ")].filter(Boolean).join(" · ");
}
