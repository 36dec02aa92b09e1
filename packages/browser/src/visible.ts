/** The clock of what is looked at: milliseconds that this page has been visible (R21). A duration is a difference of two. */

import { inBrowser } from "./client.js";

let before = 0;
let since: number | undefined;
let watching = false;

function turn(): void {
  const now = performance.now();
  if (since !== undefined) before += now - since;
  since = document.visibilityState === "visible" ? now : undefined;
}

export function visibleMs(): number {
  if (!watching && inBrowser) {
    watching = true;
    turn();
    document.addEventListener("visibilitychange", turn);
  }
  return Math.round(before + (since === undefined ? 0 : performance.now() - since));
}
