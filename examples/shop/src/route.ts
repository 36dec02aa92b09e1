/** Where the visitor is: the address is the state, and the History API changes it. */

import catalogue from "catalogue";
import { useSyncExternalStore } from "react";

export const BASE: string = catalogue.base;
const CHANGED = "shop:route";

export function go(path: string): void {
  history.pushState(null, "", BASE + path);
  dispatchEvent(new Event(CHANGED));
  scrollTo(0, 0);
}

function subscribe(changed: () => void): () => void {
  for (const name of [CHANGED, "popstate"]) addEventListener(name, changed);
  return () => {
    for (const name of [CHANGED, "popstate"]) removeEventListener(name, changed);
  };
}

/** The path below the shop's: `/`, `/sale`, `/cart` … */
export const pathIn = (pathname: string): string => pathname.slice(BASE.length).replace(/\/$/, "") || "/";

export const useRoute = (): string => useSyncExternalStore(subscribe, () => pathIn(location.pathname));

/** What was searched for. */
export const searched = (): string => new URLSearchParams(location.search).get("q") ?? "";
