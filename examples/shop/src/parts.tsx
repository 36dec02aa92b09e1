/** What pages are made of: components that tell Footfall of themselves. */

import { init, scrollDepth, track, trackError } from "@footfall/browser";
import { useComponentVisit } from "@footfall/react";
import { useInteractions } from "@footfall/react/interactions";
import catalogue from "catalogue";
import { type ReactNode, useEffect, useRef } from "react";
import { BASE, go } from "./route.js";

export type Act = (action: string) => void;

/** On a bad day (`?bad-day` in the first address) everything goes wrong that sometimes does. */
export const BAD_DAY: boolean = new URLSearchParams(location.search).has("bad-day");

/** A component: visits are what can be seen of it, `act` tells what is done with it; some tell how far one scrolls. */
export function Component(props: { name: string; scrolls?: boolean; children: (act: Act) => ReactNode }) {
  const { name, scrolls = false, children } = props;
  const ref = useRef<HTMLElement>(null);
  const { trackInteraction } = useInteractions();
  useComponentVisit(ref, name);
  useEffect(() => {
    const message = catalogue.mishaps[name];
    if (BAD_DAY && message) trackError(name, message);
  }, [name]);
  useEffect(() => {
    const element = ref.current;
    if (!scrolls || !element) return;
    const end = new AbortController();
    scrollDepth({ component: name, element, marks: [50, 100] })(init(), end.signal);
    return () => end.abort();
  }, [name, scrolls]);
  return (
    <section ref={ref} aria-label={name}>
      {children((action) => trackInteraction(name, action))}
    </section>
  );
}

/** A button that does something with a component; first it is told, then it happens. */
export function Does(props: { act: Act; action: string; then?: () => void; children: ReactNode }) {
  const { act, action, then, children } = props;
  return (
    <button
      type="button"
      onClick={() => {
        act(action);
        then?.();
      }}
    >
      {children}
    </button>
  );
}

/** Something that opens and closes, and tells so. */
export function Folded(props: { act: Act; opens: string; closes?: string; title: ReactNode; children: ReactNode }) {
  const { act, opens, closes, title, children } = props;
  return (
    <details
      onToggle={({ currentTarget: { open } }) => {
        if (open) act(opens);
        else if (closes) act(closes);
      }}
    >
      <summary>{title}</summary>
      {children}
    </details>
  );
}

export function Link({ to, told, children }: { to: string; told?: () => void; children: ReactNode }) {
  return (
    <a
      href={BASE + to}
      onClick={(click) => {
        told?.();
        if (click.metaKey || click.ctrlKey || click.shiftKey) return;
        click.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}

/** What goes wrong behind the page. */
export function fail(): void {
  for (const failure of catalogue.failures) track("error", failure);
}
