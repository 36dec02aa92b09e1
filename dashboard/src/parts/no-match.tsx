/** Nothing matches: which of the filters takes everything away, and a button that removes it. */

import { Button, List, Text } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Filter, Insights, Kind } from "../api/types";
import { answerOptions } from "../insights/ask";
import { useSession } from "../session";
import { useChange, useView } from "../state/use-view";
import { filterWords } from "./filters";
import { Nothing } from "./states";

interface NoMatchProps<K extends Kind> {
  kind: K;
  /** Whose answer is empty; the page's filters are its last ones. */
  question: Insights[K]["request"];
  /** What another answer says, and null where that is empty too. */
  told: (answer: Insights[K]["answer"]) => string | null;
  /** Another way, such as to another range. */
  children?: ReactNode;
}

export function NoMatch<K extends Kind>({ kind, question, told, children }: NoMatchProps<K>) {
  const { api } = useSession();
  const view = useView();
  const change = useChange();
  const tries = waysOut(question, view.filters ?? [], view.bots === true);
  const asked = useQueries({
    queries: tries.map((one) => {
      // What another question answered would name the wrong filter.
      const { placeholderData: _, ...options } = answerOptions(
        api,
        kind,
        { ...question, ...one.question } as Insights[K]["request"],
        false,
      );
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
          {found.map(({ words, said, view: changed }) => (
            <List.Item key={words}>
              <Button variant="default" onClick={() => change({ ...changed, list: undefined })}>
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

export interface WayOut {
  words: string;
  question: { filters?: Filter[]; include_bots?: boolean };
  view: { filters?: Filter[] | undefined; bots?: true };
}

/** Each filter of the page is not worth more than one question. */
const MOST_TRIED = 8;

/** The questions that may have an answer: without one of the page's filters, without all of them, with bots. */
export function waysOut(question: { filters?: Filter[] }, filters: readonly Filter[], bots: boolean): WayOut[] {
  const all = question.filters ?? [];
  const own = all.slice(0, all.length - filters.length);
  const without = (words: string, left: Filter[]): WayOut => ({
    words,
    question: { filters: [...own, ...left] },
    view: { filters: left.length > 0 ? left : undefined },
  });
  const ways = filters
    .slice(0, MOST_TRIED)
    .map((filter, place) => without(`Without “${filterWords(filter)}”`, filters.toSpliced(place, 1)));
  if (filters.length > 1) ways.push(without("Without any filter", []));
  if (!bots) ways.push({ words: "With bots", question: { include_bots: true }, view: { bots: true } });
  return ways;
}
