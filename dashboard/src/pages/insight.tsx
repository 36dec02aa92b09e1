/** A page of questions: a form, the answer, and what can be done with it. Every kind of question is asked on one. */

import { Box, Button, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { hashKey, useQuery } from "@tanstack/react-query";
import { FileDown, Info, MessageSquarePlus } from "lucide-react";
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { useHappenings } from "../api/annotations";
import { eventsOptions, useEvents } from "../api/catalog";
import { saveFile } from "../api/file";
import { useSavedInsights } from "../api/saved";
import { FILE_FORMATS, type Insights, type Kind } from "../api/types";
import { hasInterval, ownOf, questionOf } from "../insights/ask";
import type { InsightKind, Own, Pick } from "../insights/kind";
import { kindRow } from "../insights/registry";
import { type Kept, openedAddress } from "../insights/saved";
import { pageOfKind } from "../pages";
import { Behind } from "../parts/behind-later";
import type { Explain as ExplainNow } from "../parts/explain";
import { ComparePicker, IntervalPicker } from "../parts/frame-pickers";
import { InsightCard, Panel } from "../parts/insight-card";
import { Keyed } from "../parts/keyed";
import { LookContext } from "../parts/look";
import type { NoMatch as NoMatchNow } from "../parts/no-match";
import { Failure, Heading, Waiting } from "../parts/states";
import { useSession } from "../session";
import { rangeOfBuckets } from "../state/range";
import { useChange, useFrame, useGo, useInsightView } from "../state/use-view";
import type { Look } from "../state/view";

// None of these is waited for before there is a picture.
const Explain = lazy(() =>
  import("../parts/explain").then((found) => ({ default: found.Explain })),
) as typeof ExplainNow;
const SavedBar = lazy(() => import("../parts/saved-bar").then((found) => ({ default: found.SavedBar })));
const AlertButton = lazy(() => import("../alerts/button"));
const AnnotateDialog = lazy(() => import("../parts/annotate"));

const NoMatch = lazy(() =>
  import("../parts/no-match").then((found) => ({ default: found.NoMatch })),
) as typeof NoMatchNow;

/** Between a change of the form and the question, in milliseconds. */
const PAUSE = 250;

export default function InsightPage({ title, kinds }: { title: string; kinds: readonly [Kind, ...Kind[]] }) {
  const view = useInsightView();
  const change = useChange();
  const { api } = useSession();
  const { isPending } = useQuery(eventsOptions(api));
  const kind = view.kind && kinds.includes(view.kind) ? view.kind : kinds[0];
  const row = kindRow(kind);
  const opening = useOpening(kinds);
  if (!row) throw new Error(`There is no form for ${kind}.`);
  if (opening) return opening === "waiting" ? <Waiting height={400} /> : <Failure error={opening} />;
  return (
    <>
      <Heading title={title}>
        {kinds.length > 1 && (
          <SegmentedControl
            size="xs"
            aria-label="Question"
            value={kind}
            onChange={(chosen) =>
              change({ kind: chosen as Kind, q: undefined, list: undefined, look: undefined, saved: undefined })
            }
            data={kinds.map((one) => ({ value: one, label: kindRow(one)?.title ?? one }))}
          />
        )}
        {!isPending && <SavedOf row={row} kinds={kinds} />}
      </Heading>
      {isPending ? <Waiting /> : <Question key={kind} row={row} />}
    </>
  );
}

/**
 * An address that names a saved insight and no question is filled with what was saved, on the page of its kind. Says
 * what stands in the way of that, if something does.
 */
function useOpening(kinds: readonly Kind[]): "waiting" | Error | null {
  const view = useInsightView();
  const change = useChange();
  const go = useGo();
  const { may } = useSession();
  const wanted = view.saved !== undefined && view.q === undefined && may("view");
  const { data, error } = useSavedInsights();
  const saved = wanted ? data?.find((one) => one.id === view.saved) : undefined;
  useEffect(() => {
    const takes = saved && kindRow(saved.kind)?.takes;
    if (!saved || !takes) return;
    if (kinds.includes(saved.kind)) change(openedAddress(takes, saved, view), { replace: true });
    else go(pageOfKind(saved.kind), { kind: saved.kind, saved: saved.id }, { replace: true });
  }, [saved, kinds, view, change, go]);
  if (!wanted) return null;
  if (error) return error;
  if (data && !saved) return new Error("What was saved here is not there any more: somebody has deleted it.");
  return "waiting";
}

/** What the form says as it stands in the address; as a page opens where that says nothing. */
function useStored<K extends Kind>(row: InsightKind<K>): Own<K> {
  const { q } = useInsightView();
  const events = useEvents();
  const opening = useMemo(() => row.opening(events.map((one) => one.event)), [row, events]);
  return useMemo(() => row.whole(ownOf<K>(q, opening)) ?? opening, [row, q, opening]);
}

function SavedOf<K extends Kind>({ row, kinds }: { row: InsightKind<K>; kinds: readonly Kind[] }) {
  const view = useInsightView();
  const stored = useStored(row);
  return (
    <Suspense>
      <SavedBar kind={row.kind} kinds={kinds} takes={row.takes} own={stored as Kept} view={view} title={row.title} />
    </Suspense>
  );
}

function Question<K extends Kind>({ row }: { row: InsightKind<K> }) {
  const view = useInsightView();
  const change = useChange();
  const frame = useFrame();
  const { may } = useSession();
  const [explained, setExplained] = useState(false);
  const [annotated, setAnnotated] = useState(false);
  const card = useRef<HTMLDivElement>(null);
  const notes = useHappenings(frame.bounds);
  const stored = useStored(row);
  const [own, setOwn] = useEdited(stored, row.whole, (next) =>
    change({ q: next as Record<string, unknown>, list: undefined }),
  );
  const question = useMemo(() => questionOf(row, stored, view, frame), [row, stored, view, frame]);
  const pick: Pick<K> = (pointer, title, unit) =>
    change({ list: { pointer: pointer as Record<string, unknown>, unit: unit ?? row.lists[0], title } });
  const looking = useMemo(() => [view.look ?? {}, (look: Look) => change({ look })] as const, [view.look, change]);
  const { Form } = row;
  return (
    <Stack gap="md">
      <Panel>
        <Suspense fallback={<Box mih={120} role="status" aria-label="Loading the form" />}>
          <Form own={own} change={setOwn} />
        </Suspense>
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
            {may("annotate") && (
              <Keyed of="annotate">
                <Button
                  variant="subtle"
                  color="gray"
                  leftSection={<MessageSquarePlus size={14} />}
                  data-hotkey="annotate"
                  onClick={() => setAnnotated(true)}
                >
                  Annotate
                </Button>
              </Keyed>
            )}
            <Suspense>
              <AlertButton kind={row.kind} asked={stored} filters={view.filters} interval={frame.interval} />
            </Suspense>
            <Button variant="subtle" color="gray" leftSection={<Info size={14} />} onClick={() => setExplained(true)}>
              Explain
            </Button>
            <Files
              row={row}
              question={question}
              picture={() => savePicture(card.current, row.title, frame.bounds.words)}
            />
          </>
        }
      >
        <div ref={card}>
          <LookContext value={looking}>
            <InsightCard
              row={row}
              own={stored}
              question={question}
              interval={frame.interval}
              days={frame.bounds.days}
              running={frame.bounds.running}
              pick={pick}
              notes={notes}
              zoom={(buckets, first, last) => {
                const range = rangeOfBuckets(buckets, first, last, frame.bounds);
                if (range) change({ range, interval: undefined, list: undefined });
              }}
              nothing={
                <Suspense>
                  <NoMatch
                    kind={row.kind}
                    own={stored}
                    asked={(own, view) => questionOf(row, own, view, frame)}
                    told={(answer) => (row.isEmpty(answer) ? null : row.sentence(answer, stored, frame.interval))}
                  />
                </Suspense>
              }
            />
          </LookContext>
        </div>
      </Panel>
      <Suspense>
        {view.list && <Behind row={row} question={question} list={view.list} change={(list) => change({ list })} />}
        {explained && <Explain row={row} question={question} close={() => setExplained(false)} />}
        {annotated && <AnnotateDialog close={() => setAnnotated(false)} />}
      </Suspense>
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

/** The way to it is long, and few go it. */
async function savePicture(card: HTMLElement | null, title: string, range: string) {
  const { pictureOf } = await import("../parts/png");
  if (card) await saveFile(pictureOf(card, title, range), `${title.toLowerCase()}.png`);
}

interface FilesProps<K extends Kind> {
  row: InsightKind<K>;
  question: Insights[K]["request"];
  picture: () => void;
}

function Files<K extends Kind>({ row, question, picture }: FilesProps<K>) {
  const { api } = useSession();
  return (
    <Group gap={2}>
      {FILE_FORMATS.map((format) => (
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
      <Button variant="subtle" color="gray" px={6} aria-label="Export as PNG" onClick={picture}>
        PNG
      </Button>
    </Group>
  );
}
