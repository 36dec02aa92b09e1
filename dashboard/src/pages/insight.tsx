/** A page of questions: a form, the answer, and what can be done with it. Every kind of question is asked on one. */

import { Button, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { hashKey, useQuery } from "@tanstack/react-query";
import { FileDown, Info } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { eventsOptions, useEvents } from "../api/catalog";
import { saveFile } from "../api/file";
import type { FileFormat, Insights, Kind } from "../api/types";
import { hasInterval, ownOf, questionOf } from "../insights/ask";
import type { InsightKind, Pick } from "../insights/kind";
import { kindRow } from "../insights/registry";
import { Behind } from "../parts/behind";
import { Explain } from "../parts/explain";
import { ComparePicker, IntervalPicker } from "../parts/frame-pickers";
import { InsightCard, Panel } from "../parts/insight-card";
import { NoMatch } from "../parts/no-match";
import { Heading, Waiting } from "../parts/states";
import { useSession } from "../session";
import { useChange, useFrame, useInsightView } from "../state/use-view";

/** Between a change of the form and the question, in milliseconds. */
const PAUSE = 250;

export default function InsightPage({ title, kinds }: { title: string; kinds: readonly [Kind, ...Kind[]] }) {
  const view = useInsightView();
  const change = useChange();
  const { api } = useSession();
  const { isPending } = useQuery(eventsOptions(api));
  const kind = view.kind && kinds.includes(view.kind) ? view.kind : kinds[0];
  const row = kindRow(kind);
  if (!row) throw new Error(`There is no form for ${kind}.`);
  return (
    <>
      <Heading title={title}>
        {kinds.length > 1 && (
          <SegmentedControl
            size="xs"
            aria-label="Question"
            value={kind}
            onChange={(chosen) => change({ kind: chosen as Kind, q: undefined, list: undefined, saved: undefined })}
            data={kinds.map((one) => ({ value: one, label: kindRow(one)?.title ?? one }))}
          />
        )}
      </Heading>
      {isPending ? <Waiting /> : <Question key={kind} row={row} />}
    </>
  );
}

function Question<K extends Kind>({ row }: { row: InsightKind<K> }) {
  const view = useInsightView();
  const change = useChange();
  const frame = useFrame();
  const events = useEvents();
  const [explained, setExplained] = useState(false);
  const opening = useMemo(() => row.opening(events.map((one) => one.event)), [row, events]);
  const stored = useMemo(() => row.whole(ownOf<K>(view.q, opening)) ?? opening, [row, view.q, opening]);
  const [own, setOwn] = useEdited(stored, row.whole, (next) =>
    change({ q: next as Record<string, unknown>, list: undefined }),
  );
  const question = useMemo(() => questionOf(row, stored, view, frame), [row, stored, view, frame]);
  const pick: Pick<K> = (pointer, title, unit) =>
    change({ list: { pointer: pointer as Record<string, unknown>, unit: unit ?? row.lists[0], title } });
  const { Form } = row;
  return (
    <Stack gap="md">
      <Panel>
        <Form own={own} change={setOwn} />
        <Text size="xs" c="dimmed" mt={row.whole(own) ? 0 : "xs"} role="status">
          {row.whole(own) ? "" : "Something is still to be chosen. Until then, the numbers are those of before."}
        </Text>
      </Panel>
      <Panel
        title={row.title}
        actions={
          <>
            {hasInterval(row, stored) && <IntervalPicker />}
            {row.takes.compare && <ComparePicker />}
            <Button variant="subtle" color="gray" leftSection={<Info size={14} />} onClick={() => setExplained(true)}>
              Explain
            </Button>
            <Files row={row} question={question} />
          </>
        }
      >
        <InsightCard
          row={row}
          own={stored}
          question={question}
          interval={frame.interval}
          days={frame.bounds.days}
          running={frame.bounds.running}
          pick={pick}
          zoom={(from, to) => change({ range: `${from}..${to}`, interval: undefined, list: undefined })}
          nothing={
            <NoMatch
              kind={row.kind}
              question={question}
              told={(answer) => (row.isEmpty(answer) ? null : row.sentence(answer, stored, frame.interval))}
            />
          }
        />
      </Panel>
      {view.list && <Behind row={row} question={question} list={view.list} change={(list) => change({ list })} />}
      {explained && <Explain row={row} question={question} close={() => setExplained(false)} />}
    </Stack>
  );
}

interface Draft<T> {
  value: T;
  /** What the address said when this was begun. */
  over: string;
  /** What was written into the address since. */
  next?: string | undefined;
}

/**
 * What is being typed, and a moment later the address, once it is whole; fields that are still empty stay as they are.
 * Whoever goes back gets what stood there before.
 */
function useEdited<T>(stored: T, whole: (own: T) => T | null, store: (next: T) => void): [T, (next: T) => void] {
  const [draft, setDraft] = useState<Draft<T> | null>(null);
  const [settled] = useDebouncedValue(draft, PAUSE);
  const said = hashKey([stored]);
  const stands = draft !== null && (draft.over === said || draft.next === said);
  useEffect(() => {
    if (!draft || !stands) return;
    if (draft.next === said) {
      setDraft({ value: draft.value, over: said });
      return;
    }
    if (settled !== draft) return;
    const next = whole(draft.value);
    const wanted = hashKey([next]);
    if (next === null || wanted === said || wanted === draft.next) return;
    setDraft({ ...draft, next: wanted });
    store(next);
  }, [draft, settled, stands, said, whole, store]);
  const edit = (value: T) => setDraft((before) => ({ value, over: said, next: stands ? before?.next : undefined }));
  return [stands ? draft.value : stored, edit];
}

const FORMATS: readonly FileFormat[] = ["csv", "json", "parquet"];

function Files<K extends Kind>({ row, question }: { row: InsightKind<K>; question: Insights[K]["request"] }) {
  const { api } = useSession();
  return (
    <Group gap={2}>
      {FORMATS.map((format) => (
        <Button
          key={format}
          variant="subtle"
          color="gray"
          px={6}
          leftSection={format === "csv" ? <FileDown size={14} /> : undefined}
          aria-label={`Export as ${format.toUpperCase()}`}
          onClick={() => saveFile(api.file(row.kind, format, question), `${row.kind}.${format}`)}
        >
          {format.toUpperCase()}
        </Button>
      ))}
    </Group>
  );
}
