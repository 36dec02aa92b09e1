/** The steps of a funnel: what takes each, and how one says it. */

import type { Schemas } from "../api/types";
import { filterWords } from "../parts/filters";
import { eventName } from "../state/words";

type Step = Schemas["insights_attempts_Step"];

/** How long a funnel may take where nothing else is said. */
export const WINDOW = "P14D";

/** What a step is taken by: one event, or one of several; filters of them all are each one's own as well. */
export function alternativesOf(step: Step): Step[] {
  if (!step.any) return [step];
  return step.any.flatMap(alternativesOf).map((one) => ({
    ...one,
    ...(step.filters?.length && { filters: [...(one.filters ?? []), ...step.filters] }),
  }));
}

export function stepOf(alternatives: readonly Step[]): Step {
  const [only] = alternatives;
  return alternatives.length === 1 && only ? only : { any: [...alternatives] };
}

/** A step as one says it: "purchase, where plan is pro", "sign_up or sign_in". */
export function stepWords(step: Step): string {
  return alternativesOf(step)
    .map(({ event, filters = [] }) => {
      const wanted = filters.map(filterWords).join(" and ");
      return eventName(event ?? "") + (wanted && `, where ${wanted}`);
    })
    .join(" or ");
}

/** A list in which one has changed places with its neighbour. */
export function moved<T>(list: readonly T[], place: number, by: -1 | 1): T[] {
  const [one, other] = [list[place], list[place + by]];
  if (one === undefined || other === undefined) return [...list];
  return list.with(place, other).with(place + by, one);
}
