/** Nothing matches: which of the filters takes everything away, and a button that removes it. */

import { Button, List, Text } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Filter, Insights, Kind } from "../api/types";
import { answerOptions } from "../insights/ask";
import type { Own } from "../insights/kind";
import { useSession } from "../session";
import { useChange, useView } from "../state/use-view";
import { pruned, type View } from "../state/view";
import { LETTERS } from "../state/words";
import { filterWords } from "./filters";
import { Nothing } from "./states";

interface NoMatchProps<K extends Kind> {
  kind: K;
  /** Of the question whose answer is empty, what is not the page's. */
  own: Own<K>;
  /** The whole question. */
  asked: (own: Own<K>, view: View) => Insights[K]["request"];
  /** What another answer says, and null where that is empty too. */
  told: (answer: Insights[K]["answer"]) => string | null;
  /** Another way, such as to another range. */
  children?: ReactNode;
}

export function NoMatch<K extends Kind>({ kind, own, asked: whole, told, children }: NoMatchProps<K>) {
  const { api } = useSession();
  const view = useView();
  const change = useChange();
  const tries = waysOut({ own, view });
  const asked = useQueries({
    queries: tries.map((one) => {
      // What another question answered would name the wrong filter.
      const { placeholderData: _, ...options } = answerOptions(api, kind, whole(one.own, one.view), false);
      return options;
    }),
  });
  const found = tries.flatMap((one, place) => {
    const answer = asked[place]?.data as Insights[K]["answer"] | undefined;
    const said = answer && told(answer);
    return said ? [{ ...one, said }] : [];
  });
  const pending = asked.some((one) => one.isPending);
  return (
    <Nothing title="Nothing matches in this range">
      {pending && found.length === 0 && "Looking for the filter that takes everything away…"}
      {!pending && found.length === 0 && "Another range may show more."}
      {found.length > 0 && (
        <List
          listStyleType="none"
          spacing={4}
          ta="left"
          w="fit-content"
          mx="auto"
          aria-label="What would show something"
        >
          {found.map(({ words, said, own: left, view: { filters, bots } }) => (
            <List.Item key={words}>
              <Button
                variant="default"
                onClick={() =>
                  change({
                    filters,
                    bots,
                    ...(left !== own && { q: left as Record<string, unknown> }),
                    list: undefined,
                  })
                }
              >
                {words}
              </Button>
              <Text span size="sm" ml={8}>
                {said}
              </Text>
            </List.Item>
          ))}
        </List>
      )}
      {!pending && children}
    </Nothing>
  );
}

/** What is asked on the page, and by its form. */
interface Asked<Own> {
  own: Own;
  view: View;
}

export interface WayOut<Own> extends Asked<Own> {
  words: string;
}

/** Each filter is not worth more than one question. */
const MOST_TRIED = 8;

/** The questions that may have an answer: without one of the filters, without all of them, with bots. */
export function waysOut<Own>(asked: Asked<Own>): WayOut<Own>[] {
  const lists = filtersIn(asked);
  const ways = lists
    .flatMap(({ of, filters, put }) =>
      filters.map((filter, place) => ({
        ...put(asked, filters.toSpliced(place, 1)),
        words: `Without “${filterWords(filter)}”${of}`,
      })),
    )
    .slice(0, MOST_TRIED);
  if (ways.length > 1) {
    const bare = lists.reduce((left, { put }) => put(left, []), asked);
    ways.push({ ...bare, words: "Without any filter" });
  }
  if (!asked.view.bots) ways.push({ ...asked, view: { ...asked.view, bots: true }, words: "With bots" });
  return ways;
}

interface FilterList<Own> {
  /** Whose they are, where they are not of all that is asked. */
  of: string;
  filters: readonly Filter[];
  put: (asked: Asked<Own>, left: Filter[]) => Asked<Own>;
}

/** Parts of a question that have filters of their own, and what one of them is called. */
const PARTS = { series: (place: number) => `series ${LETTERS[place]}`, steps: (place: number) => `step ${place + 1}` };
type PartName = keyof typeof PARTS;

interface Filtered {
  filters?: readonly Filter[];
}

/** Every place of a question where filters may be: those of the page, the question's own, those of its parts. */
function filtersIn<Own>({ own, view }: Asked<Own>): FilterList<Own>[] {
  const question = own as Filtered & { [K in PartName]?: readonly Filtered[] };
  const ofPart = (name: PartName): FilterList<Own>[] =>
    (question[name] ?? []).map(({ filters = [] }, place) => ({
      of: ` of ${PARTS[name](place)}`,
      filters,
      put: (asked, left) => {
        const parts = (asked.own as { [K in PartName]: readonly Filtered[] })[name];
        return { ...asked, own: { ...asked.own, [name]: parts.with(place, { ...parts[place], filters: left }) } };
      },
    }));
  const all: FilterList<Own>[] = [
    {
      of: "",
      filters: view.filters ?? [],
      put: (asked, left) => ({
        ...asked,
        view: pruned<View>({ ...asked.view, filters: left.length > 0 ? left : undefined }),
      }),
    },
    {
      of: "",
      filters: question.filters ?? [],
      put: (asked, left) => ({ ...asked, own: { ...asked.own, filters: left } }),
    },
    ...ofPart("series"),
    ...ofPart("steps"),
  ];
  return all.filter(({ filters }) => filters.length > 0);
}
