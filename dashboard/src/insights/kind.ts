/**
 * What a kind of question is to the pages: a form, a picture, a table and a sentence. A new kind is one file that
 * says these, and one row of the registry.
 */

import type { ComponentType } from "react";
import type { Insights, Interval, Kind, Unit } from "../api/types";

/** What the address of every page says already, and no form asks again. */
export type Shared =
  | "from"
  | "to"
  | "timezone"
  | "now"
  | "filters"
  | "include_bots"
  | "week_start"
  | "interval"
  | "compare";

/** A question's own part, as it stands in an address. */
export type Own<K extends Kind> = Omit<Insights[K]["request"], Shared> & {
  filters?: Insights[K]["request"]["filters"];
  /** Where a course over time is asked for besides: that it is. Which buckets, the page says. */
  interval?: Interval;
};

export interface FormProps<K extends Kind> {
  own: Own<K>;
  change: (own: Own<K>) => void;
}

/** Opens the list behind a number. */
export type Pick<K extends Kind> = (pointer: Insights[K]["pointer"], title: string, unit?: Unit) => void;

/** Asks about a part of the range: from one of the buckets to another, both included. */
export type Zoom = (buckets: readonly string[], first: number, last: number) => void;

export interface PictureProps<K extends Kind> {
  answer: Insights[K]["answer"];
  own: Own<K>;
  interval: Interval;
  /** How many days are asked about. */
  days: number;
  /** Missing where no lists are shown, as behind a link that was shared. */
  pick?: Pick<K> | undefined;
  zoom?: Zoom | undefined;
  notes?: readonly Happening[] | undefined;
}

/** Something that somebody wrote down as having happened. */
export interface Happening {
  at: string;
  text: string;
}

export type As = "text" | "count" | "number" | "percent" | "seconds" | "change";

export interface Column {
  title: string;
  as: As;
  /** What its numbers count, so that the list behind one is as long; else the kind's usual. */
  unit?: Unit | undefined;
}

export interface Row<K extends Kind> {
  cells: readonly (string | number | null)[];
  /** What is behind each of them. */
  pointers?: readonly (Insights[K]["pointer"] | null)[];
  /** The bucket is not over. */
  open?: boolean;
}

/** The numbers of an answer, all of them. Totals are the API's: those of people are no sums. */
export interface Table<K extends Kind> {
  columns: readonly Column[];
  rows: readonly Row<K>[];
  total?: Row<K> | undefined;
}

export interface InsightKind<K extends Kind> {
  kind: K;
  title: string;
  /** What the numbers mean, with the rules that they keep to. */
  meaning: string;
  /** Which of the page's controls count. */
  takes: { interval: boolean | "where asked"; compare: boolean };
  /** Which lists stand behind its numbers, the usual one first. */
  lists: readonly [Unit, ...Unit[]];
  /** What a page opens with. `events` are those of the project, most frequent first. */
  opening: (events: readonly string[]) => Own<K>;
  /** What can be asked of what stands in the form: without fields that are empty yet. Null where one of them is needed. */
  whole: (own: Own<K>) => Own<K> | null;
  /** What the server is asked, where that is more than the form says. */
  asked?: (own: Own<K>) => Own<K>;
  Form: ComponentType<FormProps<K>>;
  Picture: ComponentType<PictureProps<K>>;
  table: (answer: Insights[K]["answer"], own: Own<K>, interval: Interval) => Table<K>;
  /** What the picture says, for those who hear it and for those who read no pictures. */
  sentence: (answer: Insights[K]["answer"], own: Own<K>, interval: Interval) => string;
  /** Whether there is nothing to see. */
  isEmpty: (answer: Insights[K]["answer"]) => boolean;
}
