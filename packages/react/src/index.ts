/** React bindings without TanStack Query; S0's, which need it, are in `@footfall/react/interactions`. */

"use client";

export type { ProviderProps } from "./provider.js";
export { TrackSection, type TrackSectionProps } from "./section.js";
export { TrackProvider, usePageView, useTrack } from "./track.js";
export {
  type Tracking,
  type TrackingEvent,
  TrackingProvider,
  TrackPage,
  type TrackPageProps,
  useTracking,
} from "./tracking.js";
export { useComponentVisit } from "./visit.js";
