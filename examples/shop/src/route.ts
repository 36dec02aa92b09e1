/** Where the visitor is: the address is the state, and the History API changes it. */

import { useSyncExternalStore } from "react";

const BASE = "/shop";
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

/** The path below the shop's: `/`, `/shoes`, `/cart` … */
export const useRoute = (): string =>
  useSyncExternalStore(subscribe, () => location.pathname.slice(BASE.length).replace(/\/$/, "") || "/");
