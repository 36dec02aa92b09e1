/** A tile: a number, how it moved, and its line; pressed, its line is the one that is drawn large. */

import { Card, Group, Skeleton, Text, Tooltip, UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";
import { LineChart } from "../charts";
import { Change } from "../parts/change";
import classes from "./overview.module.css";

export interface TileProps {
  title: string;
  /** What is counted, in a sentence. */
  meaning: string;
  /** Undefined while it is not known. */
  value: string | undefined;
  /** The exact number, where `value` is short. */
  exact?: string | undefined;
  change?: ReactNode;
  /** Where there is no line. */
  note?: string | undefined;
  line?: { labels: readonly string[]; values: readonly (number | null)[]; incomplete: readonly boolean[] } | undefined;
  stale?: boolean;
  failed?: boolean;
  /** Opens what is behind the number. */
  open?: (() => void) | undefined;
  /** Undefined where there is no line to draw large. */
  pressed?: boolean;
  press?: () => void;
}

export function Tile(props: TileProps) {
  const {
    title,
    meaning,
    value,
    exact,
    change,
    note,
    line,
    stale = false,
    failed = false,
    open,
    pressed,
    press,
  } = props;
  const heading = (
    <Text span size="xs" fw={500} c={pressed ? "var(--mantine-color-text)" : "dimmed"}>
      {title}
    </Text>
  );
  return (
    <Card
      padding="xs"
      className={classes.tile}
      data-pressed={pressed || undefined}
      component="article"
      aria-label={title}
    >
      <Tooltip label={meaning} multiline maw={260}>
        {press ? (
          <UnstyledButton className={classes.switch} aria-pressed={pressed ?? false} onClick={press}>
            {heading}
          </UnstyledButton>
        ) : (
          <div>{heading}</div>
        )}
      </Tooltip>
      <div className={stale ? "stale" : undefined} inert={stale}>
        <Group gap={6} align="baseline" wrap="wrap" mih={32}>
          {failed ? (
            <Text size="sm" c="dimmed">
              Not known
            </Text>
          ) : value === undefined ? (
            <Skeleton height={22} width={64} mt={6} animate={false} />
          ) : (
            <Figure text={value} exact={exact} open={open} of={title} meaning={meaning} />
          )}
          {change}
        </Group>
        {line ? (
          <LineChart
            bare
            height={30}
            name={title}
            summary=""
            labels={line.labels}
            incomplete={line.incomplete}
            series={[{ name: title, values: line.values }]}
          />
        ) : (
          <Text size="xs" c="dimmed" h={30} lineClamp={2}>
            {note}
          </Text>
        )}
      </div>
    </Card>
  );
}

interface FigureProps {
  text: string;
  exact: string | undefined;
  open: (() => void) | undefined;
  of: string;
  meaning: string;
}

function Figure({ text, exact, open, of, meaning }: FigureProps) {
  const shown = (
    <Text span className="numbers" fz={22} fw={650} lh={1.2} title={exact}>
      {text}
    </Text>
  );
  if (!open) return shown;
  return (
    <UnstyledButton
      className={classes.number}
      onClick={open}
      aria-description={meaning}
      aria-label={`${of}: ${exact === undefined || exact === text ? text : `${text} (${exact})`}. Show what is behind it`}
    >
      {shown}
    </UnstyledButton>
  );
}

/** Beside the number of a tile. */
export function TileChange({
  value,
  previous,
  lessIsGood,
}: {
  value: number | null | undefined;
  previous?: string | undefined;
  lessIsGood?: boolean;
}) {
  return (
    <Change
      value={value}
      {...(lessIsGood && { lessIsGood })}
      {...(previous !== undefined && { title: `Before: ${previous}` })}
    />
  );
}
