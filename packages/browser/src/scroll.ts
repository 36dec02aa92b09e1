/** How far a page, or an element of it, was scrolled: `component_interaction` with `scroll-50`, `scroll-100` …, each once. */

import type { Client } from "./client.js";

export interface ScrollOptions {
  /** Name of the component; `Page` when left out. */
  component?: string;
  /** What is measured: the page when left out. */
  element?: Element;
  /** Per cent to tell. */
  marks?: readonly number[];
}

/** Tells until the client ends, or until the signal does, for an element that goes before the page. */
export function scrollDepth(options: ScrollOptions = {}): (client: Client, signal?: AbortSignal) => void {
  const { component = "Page", element, marks = [25, 50, 75, 100] } = options;
  return (client, signal = client.ending) => {
    let path = location.pathname;
    let left = [...marks];
    const look = () => {
      if (location.pathname !== path) {
        path = location.pathname; // the next page of a single-page application
        left = [...marks];
      }
      const { top, height } = (element ?? document.documentElement).getBoundingClientRect();
      // A pixel of grace: heights are fractions on zoomed pages.
      const depth = ((innerHeight - top + 1) / height) * 100;
      for (const mark of left.filter((mark) => mark <= depth))
        client.track("component_interaction", undefined, { component, action: `scroll-${mark}` });
      left = left.filter((mark) => mark > depth);
    };
    addEventListener("scroll", look, { passive: true, capture: true, signal });
  };
}
