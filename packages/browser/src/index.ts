/** Everything of the package. What is not imported is not in a bundle. */

export { beginAlone, destroy, flush, init, track } from "./api.js";
export { clicks } from "./clicks.js";
export {
  type Choices,
  type Client,
  createClient,
  type Event,
  type Fields,
  type Mode,
  type Options,
  type Part,
  type Properties,
  type Purpose,
} from "./client.js";
export { CLMAnalytics, type CLMComponent, type CLMOptions } from "./clm.js";
export { observe, trackComponentExit, trackComponentVisit, trackError, trackInteraction } from "./components.js";
export { cnil, consentOf, idDays, optIn, optOut } from "./consent.js";
export { errors } from "./errors.js";
export { pages } from "./pages.js";
export { anonymous, group, identify, page, reset } from "./people.js";
export { type ComponentSink, footfallMiddleware, type MiddlewareOptions, type StoredComponent } from "./redux.js";
export { type ScrollOptions, scrollDepth } from "./scroll.js";
export { EventTracker, type TrackProperties, tracker } from "./tracker.js";
export { createTracker, type Tracker } from "./typed.js";
export { sample, throttle } from "./volume.js";
