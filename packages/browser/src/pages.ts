/**
 * Page views and page leaves, with navigation through the History API.
 *
 * A view belongs to an address as it is sent (`cut`), so a change of the fragment or of a query key that is not kept
 * is no new view. A page that comes back from the back/forward cache is seen anew, a prerendered one not before it is
 * shown. `page_leave` tells the visible time.
 */

import { CHOSEN, type Client } from "./client.js";
import { cut } from "./url.js";
import { visibleMs } from "./visible.js";

interface View {
  url: string;
  timestamp: number;
  since: number;
  title?: string;
  recorded?: boolean;
}

export function pages(client: Client): void {
  if (client.options.pages === false) return;
  const signal = client.ending;
  let view: View | undefined;

  function record(): void {
    if (!view || view.recorded) return;
    const { url, timestamp } = view;
    view.title = document.title;
    view.recorded = client.track("page_view", undefined, { url, timestamp });
  }

  function leave(): void {
    record();
    if (view?.recorded) {
      const { url, title = "", since } = view;
      client.track("page_leave", { duration_ms: visibleMs() - since }, { url, title });
    }
    view = undefined;
  }

  function look(): void {
    if ((document as { prerendering?: boolean }).prerendering) return;
    const url = cut(location.href, client.options.queryKeys);
    const before = view;
    if (url !== before?.url) {
      leave();
      view = { url, timestamp: Date.now(), since: visibleMs() };
      if (before) {
        client.referrer = before.url;
        setTimeout(record); // an application sets the title after it has changed the address
        return;
      }
    }
    record();
  }

  for (const name of ["pushState", "replaceState"] as const) {
    const original = history[name];
    history[name] = (...change) => {
      original.apply(history, change);
      look();
    };
  }
  // Capturing, the window also hears what is said to the document.
  for (const name of ["popstate", "pageshow", "prerenderingchange", CHOSEN])
    addEventListener(name, look, { signal, capture: true });
  client.leaving.push(leave);
  look();
}
