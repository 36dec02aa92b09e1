/** The address as state: what a page reads of it, and how it is changed. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useSyncExternalStore } from "react";
import type { Interval } from "../api/types";
import { useSession } from "../session";
import { type Bounds, boundsOf, DEFAULT_RANGE, defaultInterval, intervalsFor } from "./range";
import { type InsightView, type PageView, pageViewOf, type View } from "./view";

export function useView(): View {
  return usePageView();
}

export function useInsightView(): InsightView {
  return usePageView();
}

/** Read here, since the router keeps what a route's own reading left out. */
export function usePageView(): PageView {
  const search: Record<string, unknown> = useSearch({ strict: false });
  return useMemo(() => pageViewOf(search), [search]);
}

type Changes = { [K in keyof PageView]?: PageView[K] | undefined } & Record<string, unknown>;

/** Changes a part of the address; undefined takes it out. With `replace`, back does not come here again. */
export function useChange(): (changes: Changes, options?: { replace?: boolean }) => void {
  const navigate = useNavigate();
  return useCallback(
    (changes, options) => {
      navigate({
        to: ".",
        // Undefined stays in it: what is shared by all pages is kept unless it is named (router.tsx).
        search: ((now: Record<string, unknown>) => ({ ...now, ...changes })) as never,
        replace: options?.replace ?? false,
        resetScroll: false,
      });
    },
    [navigate],
  );
}

/** Goes to another page of ours; what all pages share goes along. */
export function useGo(): (path: string, search?: Record<string, unknown>, options?: { replace?: boolean }) => void {
  const navigate = useNavigate();
  return useCallback(
    (path, search = {}, { replace = false } = {}) => void navigate({ to: path, search, replace } as never),
    [navigate],
  );
}

const MINUTE = 60_000;

function onMinute(told: () => void): () => void {
  const timer = setInterval(told, MINUTE / 4);
  return () => clearInterval(timer);
}

/** The time, in steps of a minute, so that a question stays the same for as long. */
export function useNow(): number {
  return useSyncExternalStore(onMinute, () => Math.floor(Date.now() / MINUTE) * MINUTE);
}

export interface Frame {
  range: string;
  bounds: Bounds;
  interval: Interval;
  intervals: Interval[];
}

/** What a range comes to: one that says nothing stands for the usual one. */
export function frameOf(range: string | undefined, interval: Interval | undefined, zone: string, now: number): Frame {
  const asked = range ?? DEFAULT_RANGE;
  const understood = boundsOf(asked, zone, now);
  const bounds = understood ?? boundsOf(DEFAULT_RANGE, zone, now);
  if (!bounds) throw new Error("The usual range is one.");
  const intervals = intervalsFor(bounds.days);
  return {
    range: understood ? asked : DEFAULT_RANGE,
    bounds,
    intervals,
    interval: interval && intervals.includes(interval) ? interval : defaultInterval(bounds.days),
  };
}

/** The range of the page, with the buckets that it is cut into. */
export function useFrame(): Frame {
  const { range, interval } = useView();
  const { project } = useSession();
  const now = useNow();
  return useMemo(() => frameOf(range, interval, project.timezone, now), [range, interval, project.timezone, now]);
}
