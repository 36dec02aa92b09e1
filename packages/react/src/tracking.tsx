/** S2's bindings: `TrackingProvider`, `useTracking`, `TrackPage`, and `TrackSection` beside. */

import { type Properties, track } from "@footfall/browser";
import { type ReactNode, useContext, useMemo } from "react";
import { type ProviderProps, useClient } from "./provider.js";
import { Section } from "./section.js";
import { useOnce } from "./track.js";

export function TrackingProvider(props: ProviderProps): ReactNode {
  useClient(props);
  return props.children;
}

export interface TrackingEvent {
  /** `<element>.<action>`, such as `create_project_button.click`. */
  name: string;
  properties?: Properties;
}

export interface Tracking {
  track(event: TrackingEvent): void;
}

/** The same object on every render, inside the same section. */
export function useTracking(): Tracking {
  const section = useContext(Section);
  return useMemo(() => ({ track: ({ name, properties }) => track(name, properties, { section }) }), [section]);
}

export interface TrackPageProps {
  name: string;
  /** Such as `MODAL`. */
  type?: string;
  category?: string;
  children?: ReactNode;
}

/** A `page_view` with name, type and category, once for each mount. */
export function TrackPage({ name, type, category, children }: TrackPageProps): ReactNode {
  const section = useContext(Section);
  useOnce("", () => track("page_view", { name, type, category }, { section }));
  return children;
}
