/** The tiles. Those of the overview's own question come together; each of the others is asked by itself. */

import { Skeleton } from "@mantine/core";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { Insights } from "../api/types";
import { answerOptions } from "../insights/ask";
import { stillOpen } from "../insights/funnel";
import { useSession } from "../session";
import { untilNow } from "../state/range";
import type { OpenList } from "../state/view";
import { brief, count, counted, duration, percent } from "../state/words";
import classes from "./overview.module.css";
import { isCompared, type Questions } from "./questions";
import { Tile, TileChange } from "./tile";

type Answer = Insights["overview"]["answer"];
export type TileName = Answer["tiles"][number]["name"];

interface TileRow {
  title: string;
  meaning: string;
  /** What is listed first behind it. */
  unit: OpenList["unit"];
}

export const TILES: Record<TileName, TileRow> = {
  people: {
    title: "People",
    meaning: "Everybody with an event in the range, each counted once, however many devices they have.",
    unit: "people",
  },
  sessions: { title: "Sessions", meaning: "Visits with an event in the range.", unit: "sessions" },
  page_views: { title: "Page views", meaning: "Events named page_view.", unit: "events" },
  events: { title: "Events", meaning: "All events but the server's own, which begin with $.", unit: "events" },
};

interface TilesProps {
  questions: Questions;
  running: boolean;
  main: UseQueryResult<Answer>;
  picked: string;
  pick: (tile: string) => void;
  open: (list: OpenList) => void;
  /** Whether it is not known yet which event is the goal. */
  waits: boolean;
}

export function Tiles({ questions, running, main, picked, pick, open, waits }: TilesProps) {
  const shared = { running, open };
  const compared = main.data !== undefined && isCompared(main.data);
  return (
    <section className={classes.tiles} aria-label="The most important numbers">
      {Object.entries(TILES).map(([name, { title, meaning, unit }]) => {
        const tile = main.data?.tiles.find((one) => one.name === name);
        const line = main.data?.trend.series.find((one) => one.name === name);
        return (
          <Tile
            key={name}
            title={title}
            meaning={meaning}
            value={tile && (tile.value === null ? "–" : brief(tile.value))}
            exact={tile?.value == null ? undefined : count(tile.value)}
            change={
              <TileChange
                value={compared ? tile?.change : undefined}
                previous={tile?.previous == null ? undefined : count(tile.previous)}
              />
            }
            line={
              main.data &&
              line && {
                ...main.data.trend,
                labels: main.data.trend.buckets,
                values: untilNow(line.values, main.data.trend.buckets, main.data.meta.now),
              }
            }
            stale={main.isPlaceholderData}
            failed={main.isError && !main.data}
            open={() => open({ of: "overview", pointer: { tile: name }, unit, title })}
            pressed={picked === name}
            press={() => pick(name)}
          />
        );
      })}
      <Bounces question={questions.visits} {...shared} />
      <Median question={questions.visits} {...shared} />
      <Errors
        question={questions.errors}
        {...shared}
        compared={compared}
        pressed={picked === "errors"}
        press={() => pick("errors")}
      />
      {questions.conversion ? (
        <Conversion
          question={questions.conversion}
          {...shared}
          pressed={picked === "conversion"}
          press={() => pick("conversion")}
        />
      ) : (
        waits && <Skeleton className={classes.tile} animate={false} />
      )}
    </section>
  );
}

interface OwnProps<Question> {
  question: Question;
  running: boolean;
  open: (list: OpenList) => void;
}

function Bounces({ question, running, open }: OwnProps<Questions["visits"]>) {
  const { api } = useSession();
  const { data, error, isPlaceholderData } = useQuery(answerOptions(api, "sessions", question, running));
  return (
    <Tile
      title="Bounce rate"
      meaning="Of the sessions that began in the range, those with one page view and nothing else that was done."
      value={data && percent(data.bounce_rate)}
      note={data && `${count(data.bounces)} of ${counted(data.sessions, "session")}`}
      stale={isPlaceholderData}
      failed={Boolean(error) && !data}
      open={() => open({ of: "visits", pointer: { bounced: true }, unit: "sessions", title: "Sessions that bounced" })}
    />
  );
}

function spread({ mean, p95 }: Insights["sessions"]["answer"]["duration"]): string {
  return mean === null ? "none began" : `mean ${duration(mean)}, 95 % within ${duration(p95)}`;
}

function Median({ question, running, open }: OwnProps<Questions["visits"]>) {
  const { api } = useSession();
  const { data, error, isPlaceholderData } = useQuery(answerOptions(api, "sessions", question, running));
  return (
    <Tile
      title="Median session"
      meaning="Half of the sessions that began in the range took longer, from their first event to their last."
      value={data && duration(data.duration.median)}
      note={data && spread(data.duration)}
      stale={isPlaceholderData}
      failed={Boolean(error) && !data}
      open={() => open({ of: "visits", pointer: {}, unit: "sessions", title: "Sessions that began" })}
    />
  );
}

interface SwitchProps {
  pressed: boolean;
  press: () => void;
}

type ErrorsProps = OwnProps<Questions["errors"]> & SwitchProps & { compared: boolean };

function Errors({ question, running, open, compared, ...press }: ErrorsProps) {
  const { api } = useSession();
  const { data, error, isPlaceholderData } = useQuery(answerOptions(api, "trend", question, running));
  const line = data?.series[0];
  return (
    <Tile
      title="Errors"
      meaning="Events named component_error."
      value={line && brief(line.total ?? 0)}
      exact={line && count(line.total ?? 0)}
      change={
        <TileChange
          lessIsGood
          value={compared ? line?.change : undefined}
          previous={line?.previous_total == null ? undefined : count(line.previous_total)}
        />
      }
      line={
        data &&
        line && {
          labels: data.buckets,
          values: untilNow(line.values, data.buckets, data.meta.now),
          incomplete: data.incomplete,
        }
      }
      stale={isPlaceholderData}
      failed={Boolean(error) && !data}
      open={() => open({ of: "errors", pointer: { series: 0 }, unit: "events", title: "Errors" })}
      {...press}
    />
  );
}

type ConversionProps = OwnProps<NonNullable<Questions["conversion"]>> & SwitchProps;

function Conversion({ question, running, open, ...press }: ConversionProps) {
  const { api } = useSession();
  const { data, error, isPlaceholderData } = useQuery(answerOptions(api, "funnel", question, running));
  const goal = goalName(question);
  const [first, last] = data?.steps ?? [];
  return (
    <Tile
      title="Conversion"
      meaning={`Of the people who saw a page, those who came to “${goal}” within 14 days.`}
      value={last && percent(last.rate)}
      exact={first && last && `${count(last.users)} of ${counted(first.users, "person", "people")}`}
      note={goal}
      line={
        data?.over_time
          ? {
              labels: data.over_time.map((one) => one.bucket),
              values: data.over_time.map((one) => one.rate),
              incomplete: stillOpen(data, question),
            }
          : undefined
      }
      stale={isPlaceholderData}
      failed={Boolean(error) && !data}
      open={() =>
        open({
          of: "conversion",
          pointer: { step: 2, outcome: "converted" },
          unit: "people",
          title: `Came to “${goal}”`,
        })
      }
      {...press}
    />
  );
}

export function goalName(question: NonNullable<Questions["conversion"]>): string {
  return question.steps.at(-1)?.event ?? "the goal";
}
