/** A question's answer: its sentence, its picture, its table. The same on its page, on a board and behind a link. */

import { Box, Card, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useRef } from "react";
import type { Insights, Interval, Kind } from "../api/types";
import { answerOptions } from "../insights/ask";
import type { Happening, InsightKind, Own, Pick, Zoom } from "../insights/kind";
import { useSession } from "../session";
import { count } from "../state/words";
import { DataTable } from "./data-table";
import { Failure, Fence, Nothing, Waiting } from "./states";

export interface InsightCardProps<K extends Kind> {
  row: InsightKind<K>;
  own: Own<K>;
  question: Insights[K]["request"];
  interval: Interval;
  days: number;
  /** The range reaches into now. */
  running: boolean;
  pick?: Pick<K> | undefined;
  zoom?: Zoom | undefined;
  notes?: readonly Happening[] | undefined;
  /** Without the table under it. */
  pictureOnly?: boolean;
  /** What is said where nothing is found. */
  nothing?: ReactNode;
}

export function InsightCard<K extends Kind>(props: InsightCardProps<K>) {
  const { row, question, running } = props;
  const { api } = useSession();
  const { data, error, isPlaceholderData, isFetching, refetch } = useQuery(
    answerOptions(api, row.kind, question, running),
  );
  // While the next answer is waited for, the one before is shown, as what it answers; its numbers open no lists.
  const answered = useRef(props);
  if (!isPlaceholderData) answered.current = props;
  const shown = isPlaceholderData ? { ...answered.current, pick: undefined, zoom: undefined } : props;
  if (error && !data) return <Failure error={error} again={() => refetch()} />;
  if (!data) return <Waiting label={`Loading ${row.title}`} height={340} />;
  return (
    <Box className={isPlaceholderData ? "stale" : undefined} aria-busy={isFetching && isPlaceholderData}>
      {error ? <Failure error={error} again={() => refetch()} /> : null}
      <AnswerCard {...shown} answer={data as Insights[K]["answer"]} />
    </Box>
  );
}

export type AnswerCardProps<K extends Kind> = Omit<InsightCardProps<K>, "question" | "running"> & {
  answer: Insights[K]["answer"];
};

/** The same of an answer that is there, as behind a link that was shared. */
export function AnswerCard<K extends Kind>(props: AnswerCardProps<K>) {
  const { row, own, answer, interval, days, pick, zoom, notes, pictureOnly = false, nothing } = props;
  const { Picture } = row;
  return (
    <Fence of={answer}>
      {row.isEmpty(answer) ? (
        (nothing ?? <Nothing title="Nothing in this range" />)
      ) : (
        <>
          <Text size="sm" c="dimmed" mb="xs" data-testid="sentence">
            {row.sentence(answer, own, interval)}
          </Text>
          <Picture answer={answer} own={own} interval={interval} days={days} pick={pick} zoom={zoom} notes={notes} />
          {!pictureOnly && (
            <Box mt="md">
              <DataTable name={`${row.title}, all numbers`} table={row.table(answer, own, interval)} pick={pick} />
            </Box>
          )}
        </>
      )}
      {!pictureOnly && <Footnote meta={answer.meta} />}
    </Fence>
  );
}

/** Whether an answer is exact, of which zone, what it took, and what it leaves out. */
export function Footnote({ meta }: { meta: Insights[Kind]["answer"]["meta"] }) {
  return (
    <Group gap="md" mt="sm">
      <Text size="xs" c="dimmed">
        {meta.exact ? "Exact" : "Approximate"} · times in {meta.timezone} · {count(meta.rows_read ?? 0)} rows read in{" "}
        {count(Math.round(meta.elapsed_ms ?? 0))} ms
      </Text>
      <Text size="xs" c="dimmed" data-testid="bots">
        Bots hidden: {count(meta.excluded_bots ?? 0)}
      </Text>
    </Group>
  );
}

/** The card as such, with a heading and what can be done beside it. */
export function Panel({ title, actions, children }: { title?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <Card component="section" aria-label={typeof title === "string" ? title : undefined}>
      {(title || actions) && (
        <Group justify="space-between" mb="xs" gap="xs">
          <Text component="h2" fw={600} fz="md">
            {title}
          </Text>
          <Group gap={4}>{actions}</Group>
        </Group>
      )}
      {children}
    </Card>
  );
}
