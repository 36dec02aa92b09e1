/** The first screen: how much, over time, what was most, and what changed. Every number opens its list. */

import { Button, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef } from "react";
import { eventsOptions } from "../api/catalog";
import { notify } from "../api/notices";
import type { Filter, Insights, Kind } from "../api/types";
import { answerOptions } from "../insights/ask";
import { FirstEvent } from "../overview/first-event";
import { LINES } from "../overview/line";
import { Changed, Lists } from "../overview/lists";
import classes from "../overview/overview.module.css";
import { type Questions, questionsOf, USUAL_COMPARE } from "../overview/questions";
import { type TileName, Tiles } from "../overview/tiles";
import { Behind, type Listed } from "../parts/behind";
import { ComparePicker } from "../parts/frame-pickers";
import { Footnote, Panel } from "../parts/insight-card";
import { NoMatch } from "../parts/no-match";
import { Failure, Fence, Heading } from "../parts/states";
import { useSession } from "../session";
import { holds, todayIn } from "../state/range";
import { useClock } from "../state/use-clock";
import { useChange, useFrame, usePageView } from "../state/use-view";
import type { OpenList } from "../state/view";
import { ago, counted, momentIn } from "../state/words";

/** After the first picture. */
const Firing = lazy(() => import("../alerts/firing"));

type Answer = Insights["overview"]["answer"];

export default function OverviewPage() {
  const view = usePageView();
  const change = useChange();
  const frame = useFrame();
  const { api, may } = useSession();
  const catalog = useQuery(eventsOptions(api));
  const events = catalog.data?.events;
  const questions = useMemo(
    () => questionsOf(view, frame, events?.map((one) => one.event) ?? []),
    [view, frame, events],
  );
  const { running } = frame.bounds;
  const main = useQuery(answerOptions(api, "overview", questions.overview, running));
  useFirstEvent(main.data);
  const open = (list: OpenList) => change({ list });
  const onFilter = (filter: Filter) => change({ filters: withFilter(view.filters, filter), list: undefined });
  const picked = lineOf(view.tile, questions);
  const line = LINES[picked];
  if (isNew(main.data)) return <FirstEvent arrived={main.refetch} />;
  return (
    <>
      <Heading title="Overview">
        {main.data && <Newest answer={main.data} asked={main.dataUpdatedAt} />}
        <ComparePicker usual={USUAL_COMPARE} />
      </Heading>
      {main.data && may("view") && (
        <Suspense>
          <Firing />
        </Suspense>
      )}
      <Tiles
        questions={questions}
        running={running}
        main={main}
        picked={picked}
        pick={(tile) => change({ tile: tile === USUAL_TILE ? undefined : tile })}
        open={open}
        waits={catalog.isPending}
      />
      {main.error && <Failure error={main.error} again={() => main.refetch()} />}
      <div
        className={main.isPlaceholderData ? "stale" : undefined}
        aria-busy={main.isPlaceholderData}
        inert={main.isPlaceholderData}
      >
        <Fence of={main.data}>
          {main.data && isEmpty(main.data) ? (
            <Panel>
              <NoMatch
                kind="overview"
                own={{}}
                asked={(_, view) => questionsOf(view, frame, []).overview}
                told={eventsTold}
              >
                <ToNewest answer={main.data} />
              </NoMatch>
            </Panel>
          ) : (
            <>
              <div className={classes.main}>
                {line && (
                  <Panel title={line.title}>
                    <line.Line tile={picked} answer={main.data} {...{ questions, running, open }} />
                  </Panel>
                )}
                <Fence of={main.data}>
                  <Changed answer={main.data} open={open} onFilter={onFilter} />
                </Fence>
              </div>
              <Lists answer={main.data} question={questions.components} {...{ running, open, onFilter }} />
            </>
          )}
        </Fence>
        {main.data && <Footnote meta={main.data.meta} />}
      </div>
      {view.list && <Open questions={questions} list={view.list} change={(list) => change({ list })} />}
    </>
  );
}

/** Nothing has ever come, whatever is asked for. */
function isNew(answer: Answer | undefined): boolean {
  return answer?.freshness.last_event === null;
}

function isEmpty(answer: Answer): boolean {
  return answer.tiles.every((tile) => !tile.value);
}

function eventsTold(answer: Answer): string | null {
  const events = answer.tiles.find((tile) => tile.name === "events")?.value;
  return events ? counted(events, "event") : null;
}

/** Says that the wait is over. */
function useFirstEvent(answer: Answer | undefined): void {
  const { api } = useSession();
  const client = useQueryClient();
  const waited = useRef(false);
  useEffect(() => {
    if (isNew(answer)) waited.current = true;
    else if (answer && waited.current) {
      waited.current = false;
      // What was asked meanwhile was answered with nothing.
      client.invalidateQueries({
        queryKey: ["insight", api.project],
        predicate: ({ queryKey }) => queryKey[2] !== "overview",
      });
      const [first] = answer.top.events ?? [];
      void notify({ color: "teal", title: "The first event has arrived", message: first?.name ?? "" });
    }
  }, [answer, api, client]);
}

const USUAL_TILE: TileName = "people";

/** The tile that is drawn large: one that the address names, where it has a line. */
function lineOf(tile: string | undefined, questions: Questions): string {
  return tile !== undefined && Object.hasOwn(LINES, tile) && LINES[tile]?.isThere(questions) ? tile : USUAL_TILE;
}

/** The same filter twice says nothing more. */
export function withFilter(filters: readonly Filter[] = [], filter: Filter): Filter[] {
  const text = JSON.stringify(filter);
  return filters.some((one) => JSON.stringify(one) === text) ? [...filters] : [...filters, filter];
}

function Newest({ answer, asked }: { answer: Answer; asked: number }) {
  const { project } = useSession();
  const now = useClock(5_000);
  const { last_event: last, lag_seconds: lag } = answer.freshness;
  if (last === null || lag === null) return null;
  return (
    <Text size="xs" c="dimmed" title={momentIn(project.timezone, last, true)} className="numbers">
      Newest event {ago(lag + Math.max(0, now - asked) / 1000)}
    </Text>
  );
}

/** Where there is something, for who looks where there is nothing. */
function ToNewest({ answer }: { answer: Answer }) {
  const { project } = useSession();
  const { bounds } = useFrame();
  const change = useChange();
  const last = answer.freshness.last_event;
  if (last === null || holds(bounds, last, project.timezone)) return null;
  const day = todayIn(project.timezone, Date.parse(last));
  return (
    <Button variant="default" mt="xs" onClick={() => change({ range: `${day}..${day}` })}>
      To the newest event, of {momentIn(project.timezone, last)}
    </Button>
  );
}

interface OpenProps {
  questions: Questions;
  list: OpenList;
  change: (list: OpenList | undefined) => void;
}

/** The list behind a number of one of the page's questions. */
function Open({ questions, list, change }: OpenProps) {
  const behind = <K extends Kind>(row: Listed<K>, question: Insights[K]["request"]) => (
    <Behind row={row} question={question} list={list} change={change} />
  );
  const lists: Record<string, () => ReactNode> = {
    overview: () => behind({ kind: "overview", lists: ["people", "events", "sessions"] }, questions.overview),
    visits: () => behind({ kind: "sessions", lists: ["sessions", "people", "events"] }, questions.visits),
    errors: () => behind({ kind: "trend", lists: ["events", "people", "sessions"] }, questions.errors),
    components: () => behind({ kind: "components", lists: ["events", "people", "sessions"] }, questions.components),
    conversion: () =>
      questions.conversion && behind({ kind: "funnel", lists: ["people", "sessions", "events"] }, questions.conversion),
  };
  return lists[list.of ?? "overview"]?.() ?? null;
}
