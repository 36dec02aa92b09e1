/** S1's bindings: `TrackProvider`, `useTrack`, `usePageView`. */

import { beginAlone, clicks, type Properties, track } from "@footfall/browser";
import { type ReactNode, useCallback, useContext, useEffect, useRef } from "react";
import { type ProviderProps, useClient } from "./provider.js";
import { Section } from "./section.js";

/** Begins the client, and counts clicks on elements with `data-track`. */
export function TrackProvider(props: ProviderProps): ReactNode {
  useClient(props, clicks);
  return props.children;
}

/** `track(event, properties)`, the same function on every render; it carries the `TrackSection` that it is in. */
export function useTrack(): (event: string, properties?: Properties) => void {
  useAlone();
  const section = useContext(Section);
  return useCallback((event, properties) => track(event, properties, { section }), [section]);
}

/** A `page_view` with this `page_name`, once for each mount and name; also where effects run twice (StrictMode). */
export function usePageView(pageName: string): void {
  useAlone();
  useOnce(pageName, () => track("page_view", { page_name: pageName }));
}

const LONG_ENOUGH_MS = 5000;
let watched = false;

/** S1's hooks need no provider: who has not begun by then, nor by the end of the page, is not going to. */
function useAlone(): void {
  useEffect(() => {
    if (watched) return;
    watched = true;
    setTimeout(beginAlone, LONG_ENOUGH_MS);
    addEventListener("pagehide", beginAlone, { once: true });
  }, []);
}

/** Act in an effect, again only when `what` is another. A ref outlives the second run of StrictMode, and no more. */
export function useOnce(what: string, act: () => void): void {
  const done = useRef<string>(undefined);
  useEffect(() => {
    if (done.current === what) return;
    done.current = what;
    act();
  });
}
