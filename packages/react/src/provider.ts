/** What the providers share: they begin the page's client in an effect, so that rendering on a server does nothing. */

import { type Client, init, type Options } from "@footfall/browser";
import { type ReactNode, useEffect } from "react";

/** Options of `init`; React keeps `key` for itself, so the write key is `writeKey`. */
export interface ProviderProps extends Omit<Options, "key"> {
  writeKey?: string;
  children?: ReactNode;
}

export function optionsOf({ writeKey, children: _, ...options }: ProviderProps): Options {
  // Pages are what the application says they are (`usePageView`, `TrackPage`), unless it wants both.
  return { pages: false, ...(writeKey !== undefined && { key: writeKey }), ...options };
}

/** Begin with the first provider; a client that was there before stays. What children did earlier has waited for it. */
export function useClient(props: ProviderProps, then?: (client: Client, signal: AbortSignal) => void): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: options count once, as those of `init`
  useEffect(() => {
    const end = new AbortController();
    const client = init(optionsOf(props));
    then?.(client, end.signal);
    return () => end.abort();
  }, []);
}
