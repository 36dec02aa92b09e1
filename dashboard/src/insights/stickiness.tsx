/** Stickiness: in how many buckets of the range people were active. */

import { Box } from "@mantine/core";
import type { Insights } from "../api/types";
import { BarList } from "../charts";
import { CommonFields } from "../parts/common-fields";
import { useOneOf } from "../parts/one-of";
import { whoOf } from "../parts/per";
import { EventPicker } from "../parts/pickers";
import { useWays } from "../parts/ways";
import { count, counted } from "../state/words";
import type { Column, FormProps, InsightKind, Own, PictureProps, Row, Table } from "./kind";
import { bucketsWords, bucketWord } from "./periods";
import { type Part, partsOf, tableOf } from "./segments";
import { isEvent, wholeCommon } from "./whole";

type Answer = Insights["stickiness"]["answer"];
type Interval = PictureProps<"stickiness">["interval"];
type Counts = Pick<Answer, "exactly" | "at_least">;
type Way = keyof Counts;

const WAYS: Record<Way, string> = { exactly: "Exactly so many", at_least: "So many or more" };

function Form({ own, change }: FormProps<"stickiness">) {
  return (
    <CommonFields own={own} change={change} event={own.event ?? "*"}>
      <Box w={220}>
        <EventPicker label="Active with" value={own.event ?? "*"} onChange={(event) => change({ ...own, event })} />
      </Box>
    </CommonFields>
  );
}

/** Up to the largest number of buckets in which anybody was active. */
function reached(counts: Counts): number[] {
  return Object.keys(counts.at_least)
    .map(Number)
    .filter((buckets) => (counts.at_least[buckets] ?? 0) > 0)
    .sort((one, other) => one - other);
}

function Picture({ answer, interval, pick }: PictureProps<"stickiness">) {
  const [part, chooser] = useOneOf(partsOf(answer, answer.breakdowns));
  const [way, ways] = useWays("How they are counted", WAYS);
  return (
    <>
      {chooser}
      {ways}
      <BarList
        name="By the number of buckets in which they were active"
        bars={reached(part.of).map((buckets) => ({
          name: bucketsWords(buckets, interval),
          value: part.of[way][buckets] ?? 0,
          onPick:
            pick &&
            (() => {
              const title = [
                `Active in ${way === "exactly" ? "" : "at least "}${bucketsWords(buckets, interval)}`,
                ...(part.value === null ? [] : [part.name]),
              ];
              pick({ [way]: buckets, ...part.pointing }, title.join(" · "));
            }),
        }))}
      />
    </>
  );
}

function table(answer: Answer, _own: Own<"stickiness">, interval: Interval): Table<"stickiness"> {
  const columns: Column[] = [
    { title: "Active in", as: "text" },
    { title: WAYS.exactly, as: "count" },
    { title: WAYS.at_least, as: "count" },
  ];
  return tableOf(partsOf(answer, answer.breakdowns), columns, ({ of, pointing }: Part<Counts>) =>
    reached(of).map(
      (buckets): Row<"stickiness"> => ({
        cells: [bucketsWords(buckets, interval), of.exactly[buckets] ?? null, of.at_least[buckets] ?? null],
        pointers: [null, { exactly: buckets, ...pointing }, { at_least: buckets, ...pointing }],
      }),
    ),
  );
}

function sentence(answer: Answer, own: Own<"stickiness">, interval: Interval): string {
  const who = whoOf(own.per);
  const everybody = answer.at_least[1] ?? 0;
  const once = answer.exactly[1] ?? 0;
  const most = reached(answer).at(-1) ?? 0;
  const said = `${counted(everybody, who.one, who.many)} were active, ${count(once)} of them in one ${bucketWord(interval)} only`;
  if (most < 2) return `${said}.`;
  return `${said}; the most active ones (${count(answer.exactly[most] ?? 0)}) in ${bucketsWords(most, interval)}.`;
}

export const stickiness: InsightKind<"stickiness"> = {
  kind: "stickiness",
  title: "Stickiness",
  meaning:
    "In how many buckets of the range somebody was active: buckets are counted, not events, so ten events of one day are one day. Exactly so many, or so many and more; one or more is everybody who was active. A breakdown goes by the value at somebody's first event in the range. Bots are left out unless asked for.",
  takes: { interval: true, compare: false },
  lists: ["people", "events", "sessions"],
  opening: () => ({ event: "*" }),
  whole: (own) => (isEvent(own.event ?? "*") ? wholeCommon(own) : null),
  Form,
  Picture,
  table,
  sentence,
  isEmpty: (answer) => (answer.at_least[1] ?? 0) === 0,
};
