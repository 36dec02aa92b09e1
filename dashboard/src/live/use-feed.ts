/** The feed of a live page: what comes is gathered for a moment, so that a burst is drawn once. */

import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import type { Problem } from "../api/client";
import { type EventChoice, latestOptions } from "../api/events";
import { type Gap, listen } from "../api/live";
import type { Event } from "../api/types";
import { useSession } from "../session";
import { type Arrived, arrived, type Feed, NO_FEED, pauseAfter, paused, preceded, resumed } from "../state/feed";

/** How long it is gathered for, in milliseconds. */
const GATHERED = 250;
/** How many of those that were there before are shown at first. */
const BEFORE = 25;

type Step =
  | { does: "arrived"; news: readonly Arrived[] }
  | { does: "preceded"; events: readonly Event[] }
  | { does: "pause" }
  | { does: "resume" }
  | { does: "begin" };

function stepped(feed: Feed, step: Step): Feed {
  switch (step.does) {
    case "arrived":
      return arrived(feed, step.news);
    case "preceded":
      return preceded(feed, step.events);
    case "pause":
      return paused(feed);
    case "resume":
      return resumed(feed);
    case "begin":
      return { ...NO_FEED, paused: feed.paused };
  }
}

export type Line = "connecting" | "open" | "lost" | "refused";

export interface Live {
  feed: Feed;
  line: Line;
  problem: Problem | null;
  gap: Gap | null;
  /** Whether what was there before has been asked for. */
  known: boolean;
  pause: () => void;
  resume: () => void;
  again: () => void;
}

export function useFeed(choice: EventChoice): Live {
  const { api } = useSession();
  const client = useQueryClient();
  const [feed, step] = useReducer(stepped, NO_FEED);
  const [line, setLine] = useState<Line>("connecting");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [gap, setGap] = useState<Gap | null>(null);
  const [known, setKnown] = useState(false);
  const [tries, setTries] = useState(0);
  const gathered = useRef<Arrived[]>([]);
  const asked = JSON.stringify(choice);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another try is another connection
  useEffect(() => {
    const wanted: EventChoice = JSON.parse(asked);
    let here = true;
    gathered.current = [];
    step({ does: "begin" });
    setLine("connecting");
    setProblem(null);
    setGap(null);
    setKnown(false);
    const close = listen(api, wanted, {
      arrived: (event) => gathered.current.push({ event, at: Date.now() }),
      gap: setGap,
      open: (open) => setLine(open ? "open" : "lost"),
      refused: (why) => {
        setLine("refused");
        setProblem(why);
      },
    });
    client
      .fetchQuery(latestOptions(api, wanted, BEFORE))
      .then(
        ({ data }) => here && step({ does: "preceded", events: data }),
        () => undefined, // what was before is a courtesy
      )
      .finally(() => here && setKnown(true));
    const timer = setInterval(() => {
      if (gathered.current.length > 0) step({ does: "arrived", news: gathered.current.splice(0) });
    }, GATHERED);
    return () => {
      here = false;
      clearInterval(timer);
      close();
    };
  }, [api, client, asked, tries]);

  const again = useCallback(() => setTries((before) => before + 1), []);
  const refusals = useRef(0);
  useEffect(() => {
    if (line === "open") refusals.current = 0;
    if (line !== "refused" || !problem?.passes) return;
    const timer = setTimeout(again, pauseAfter(refusals.current));
    refusals.current += 1;
    return () => clearTimeout(timer);
  }, [line, problem, again]);

  return {
    feed,
    line,
    problem,
    gap,
    known,
    pause: useCallback(() => step({ does: "pause" }), []),
    resume: useCallback(() => step({ does: "resume" }), []),
    again,
  };
}
