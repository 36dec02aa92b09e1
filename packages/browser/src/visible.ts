/** The clock of what is looked at: milliseconds that this page has been visible (R21). A duration is a difference of two. */

import { inBrowser } from "./client.js";

let before = 0;
let since: number | undefined;

function turn(): void {
  const now = performance.now();
  if (since !== undefined) before += now - since;
  since = document.visibilityState === "visible" ? now : undefined;
}

export function visibleMs(): number {
  if (inBrowser) {
    addEventListener("visibilitychange", turn, true); // the same listener again is still one
    turn();
  }
  return Math.round(before);
}
