/** Funnels: how many take the steps, in which order, inside a window. */

import { Box, SimpleGrid, Stack, Text } from "@mantine/core";
import { lazy } from "react";
import type { Insights, Schemas } from "../api/types";
import { BarTable, FunnelSteps, LineChart } from "../charts";
import { whoOf } from "../parts/per";
import { secondsOf, spanOf, spanWords } from "../state/duration";
import { without } from "../state/view";
import { bucketLong, bucketShort, count, counted, duration, percent, valueName } from "../state/words";
import { notesAt } from "./happenings";
import type { Column, InsightKind, Own, PictureProps, Row } from "./kind";
import { alternativesOf, stepWords, WINDOW } from "./steps";
import { isEvent, wholeCommon } from "./whole";

type Answer = Insights["funnel"]["answer"];

/** Every step needs an event. Exclusions that lie between no two steps any more are left out. */
function whole(own: Own<"funnel">): Own<"funnel"> | null {
  if (own.steps.length < 2 || !own.steps.every((step) => alternativesOf(step).every(({ event }) => isEvent(event)))) {
    return null;
  }
  const common = wholeCommon(own);
  const exclusions = (own.order === "unordered" ? [] : (own.exclusions ?? [])).filter(
    ({ event, after, before }) => isEvent(event) && after < before && before <= own.steps.length,
  );
  return exclusions.length > 0 ? { ...common, exclusions } : without(without(common, "exclusions"), "exclusion_mode");
}

function stepName(answer: Answer, own: Own<"funnel">, place: number): string {
  const step = own.steps[place];
  return step ? stepWords(step) : (answer.steps[place]?.event ?? "");
}

function Picture({ answer, own, interval, days, pick, notes = [] }: PictureProps<"funnel">) {
  const who = whoOf(own.per);
  const opened =
    pick &&
    ((pointer: Insights["funnel"]["pointer"], ...more: string[]) =>
      pick(pointer, [`Step ${pointer.step}`, stepName(answer, own, pointer.step - 1), ...more].join(" · ")));
  return (
    <Stack gap="lg">
      <SimpleGrid cols={{ base: 1, lg: answer.breakdowns ? 2 : 1 }} spacing="xl">
        <FunnelSteps
          name="Steps of the funnel"
          unit={who.many}
          steps={answer.steps.map((step, place) => ({
            name: stepName(answer, own, place),
            users: step.users,
            rate: step.rate,
            dropped: step.dropped,
            inProgress: step.in_progress,
            note: place === 0 ? undefined : noteOf(step),
          }))}
          onPick={opened && ((step, outcome) => opened({ step, outcome }, OUTCOMES[outcome]))}
        />
        {answer.breakdowns && (
          <Box>
            <Rates answer={answer} own={own} opened={opened} />
          </Box>
        )}
      </SimpleGrid>
      {answer.over_time && (
        <Box>
          <Text component="h3" fw={600} fz="sm">
            Conversion by when they entered
          </Text>
          <LineChart
            name="Conversion over time"
            summary={`Conversion of those who entered in each bucket. ${sentence(answer, own)}`}
            labels={answer.over_time.map((one) => one.bucket)}
            incomplete={stillOpen(answer, own)}
            series={[{ name: "Conversion", values: answer.over_time.map((one) => one.rate) }]}
            notes={notesAt(
              notes,
              answer.over_time.map((one) => one.bucket),
            )}
            label={(label) => bucketShort(label, interval, days)}
            fullLabel={(label) => bucketLong(label, interval)}
            format={percent}
            height={220}
            onPick={
              opened &&
              (({ index }) => {
                const bucket = answer.over_time?.[index]?.bucket;
                if (bucket !== undefined) {
                  opened({ step: answer.steps.length, bucket }, bucketLong(bucket, interval));
                }
              })
            }
          />
        </Box>
      )}
    </Stack>
  );
}

type Outcome = NonNullable<Insights["funnel"]["pointer"]["outcome"]>;

const OUTCOMES: Record<Outcome, string> = {
  converted: "took it",
  dropped: "dropped off before it",
  in_progress: "may still take it",
};

function noteOf(step: Schemas["StepAnswer"]): string {
  const rate = `${percent(step.rate_from_previous)} of the step before`;
  if (!step.seconds) return rate;
  return `${rate} · half within ${duration(step.seconds.median)}, 90 % within ${duration(step.seconds.p90)}`;
}

interface RatesProps {
  answer: Answer;
  own: Own<"funnel">;
  opened: ((pointer: Insights["funnel"]["pointer"], ...more: string[]) => void) | undefined;
}

/** Of each value of the breakdown, the share of those who entered with it that took each step. */
function Rates({ answer, own, opened }: RatesProps) {
  const who = whoOf(own.per);
  return (
    <BarTable
      name="Conversion by value"
      corner={own.breakdown?.[0]?.property ?? "Value"}
      columns={answer.steps.map((_, place) => (place === 0 ? "Entered" : `Step ${place + 1}`))}
      rows={(answer.breakdowns ?? []).map(({ value, users }) => ({
        name: valueName(value),
        value: rateOf(users, users.length - 1),
        cells: users.map((some, place) => ({
          text: place === 0 ? count(some) : percent(rateOf(users, place)),
          title: counted(some, who.one, who.many),
          onPick: opened && (() => opened({ step: place + 1, breakdown: value }, valueName(value))),
        })),
      }))}
    />
  );
}

function rateOf(users: readonly number[], place: number): number | null {
  const entered = users[0] ?? 0;
  return entered > 0 ? (users[place] ?? 0) / entered : null;
}

/** Whether some of those who entered in a bucket still have time to go on. */
export function stillOpen(answer: Answer, asked: { window?: string }): boolean[] {
  const starts = (answer.over_time ?? []).map((one) => Date.parse(one.bucket));
  const span = spanOf(asked.window ?? WINDOW);
  const now = Date.parse(answer.meta.now);
  // The last bucket is about as long as the one before it.
  const last = (starts.at(-1) ?? 0) - (starts.at(-2) ?? starts.at(-1) ?? 0);
  return starts.map((start, place) => {
    const end = starts[place + 1] ?? start + last;
    return end + (span ? secondsOf(span) : 0) * 1000 > now;
  });
}

function table(answer: Answer, own: Own<"funnel">, interval: PictureProps<"funnel">["interval"]) {
  const who = whoOf(own.per);
  const columns: Column[] = [
    { title: "Step", as: "text" },
    { title: "Of", as: "text" },
    { title: who.many === "people" ? "People" : "Groups", as: "count" },
    { title: "Of step 1", as: "percent" },
    { title: "Of the step before", as: "percent" },
    { title: "Dropped off before it", as: "count" },
    { title: "May still come", as: "count" },
    { title: "Median time", as: "seconds" },
    { title: "Mean", as: "seconds" },
    { title: "90 % within", as: "seconds" },
    { title: "Fastest", as: "seconds" },
    { title: "Slowest", as: "seconds" },
  ];
  const named = (place: number) => `${place + 1} ${stepName(answer, own, place)}`;
  const reached = (name: string, place: number, users: number, rate: number | null, more: object): Row<"funnel"> => ({
    cells: [named(place), name, users, rate, ...Array(columns.length - 4).fill(null)],
    pointers: [null, null, { step: place + 1, ...more }],
  });
  const rows: Row<"funnel">[] = answer.steps.map((step, place) => {
    const { median, mean, p90, min, max } = step.seconds ?? NO_TIMES;
    const at = { step: place + 1 };
    return {
      cells: [
        named(place),
        "Everybody",
        step.users,
        step.rate,
        step.rate_from_previous,
        place === 0 ? null : step.dropped,
        place === 0 ? null : step.in_progress,
        median,
        mean,
        p90,
        min,
        max,
      ],
      pointers: [null, null, at, null, null, { ...at, outcome: "dropped" }, { ...at, outcome: "in_progress" }],
    };
  });
  const byValue = (answer.breakdowns ?? []).flatMap(({ value, users }) =>
    users.map((some, place) => reached(valueName(value), place, some, rateOf(users, place), { breakdown: value })),
  );
  const last = answer.steps.length - 1;
  const byTime = (answer.over_time ?? []).flatMap(({ bucket, entered, converted, rate }) => [
    reached(bucketLong(bucket, interval), 0, entered, rateOf([entered], 0), { bucket }),
    reached(bucketLong(bucket, interval), last, converted, rate, { bucket }),
  ]);
  const more = [...byValue, ...byTime];
  if (more.length > 0) return { columns, rows: [...rows, ...more] };
  return { columns: columns.toSpliced(1, 1), rows: rows.map(withoutOf) };
}

/** Where there is nobody else than everybody. */
function withoutOf(row: Row<"funnel">): Row<"funnel"> {
  return {
    ...row,
    cells: row.cells.toSpliced(1, 1),
    ...(row.pointers && { pointers: row.pointers.toSpliced(1, 1) }),
  };
}

const NO_TIMES = { median: null, mean: null, p90: null, min: null, max: null };

function sentence(answer: Answer, own: Own<"funnel">): string {
  const who = whoOf(own.per);
  const [first, last] = [answer.steps[0], answer.steps.at(-1)];
  if (!first || !last) return "";
  const within = `${count(last.users)} of ${counted(first.users, who.one, who.many)} (${percent(last.rate)}) took all ${
    answer.steps.length
  } steps within ${spanWords(own.window ?? WINDOW)}`;
  const finished =
    answer.rate_finished !== null && answer.rate_finished !== last.rate
      ? `; of those who are not on the way any more, ${percent(answer.rate_finished)}`
      : "";
  const worst = answer.steps.reduce(
    (most, step, place) => (step.dropped > (answer.steps[most]?.dropped ?? 0) ? place : most),
    0,
  );
  const lost = answer.steps[worst]?.dropped ?? 0;
  const where = lost > 0 ? ` Most were lost before ${stepName(answer, own, worst)}: ${count(lost)}.` : "";
  return `${within}${finished}.${where}`;
}

/** Ways that are usual, the longest first. */
const JOURNEYS: readonly (readonly string[])[] = [
  ["page_view", "add_to_cart", "purchase"],
  ["page_view", "sign_up", "purchase"],
  ["page_view", "add_to_cart"],
  ["page_view", "purchase"],
  ["page_view", "sign_up"],
  ["page_view", "component_interaction"],
];

function opening(events: readonly string[]): Own<"funnel"> {
  const known = JOURNEYS.find((journey) => journey.every((event) => events.includes(event)));
  const named = events.filter((event) => !event.startsWith("$")).slice(0, 2);
  const steps = known ?? (named.length === 2 ? named : ["page_view", "component_interaction"]);
  return { steps: steps.map((event) => ({ event })), order: "ordered", window: WINDOW };
}

export const funnel: InsightKind<"funnel"> = {
  kind: "funnel",
  title: "Funnel",
  meaning:
    "People who took the first step in the range, and how far each of them came. The window runs from the first step of an attempt, its last millisecond included, so later steps may lie after the range. Any first step may begin an attempt; the one that gets furthest counts, then the shortest, then the earliest. In order means that later steps do not come before earlier ones, whatever else is done in between, and that one event fills one step; strict, that nothing else is done in between; in any order, that only the number of different steps counts. Who has not finished and has an open window may still come, and has not dropped off. A breakdown goes by the value at the first step, conversion over time by its time. Bots are left out unless asked for.",
  takes: { interval: "where asked", compare: false },
  lists: ["people", "events", "sessions"],
  opening,
  whole,
  Form: lazy(() => import("./funnel-form").then(({ Form }) => ({ default: Form }))),
  Picture,
  table,
  sentence,
  isEmpty: (answer) => (answer.steps[0]?.users ?? 0) === 0,
};
