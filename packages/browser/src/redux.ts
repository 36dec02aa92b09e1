/**
 * A Redux middleware that tells of components from actions, with S3's names as its defaults.
 *
 * `configureStore({ …, middleware: (defaults) => defaults().concat(footfallMiddleware()) })`. The action goes its way
 * first, and nothing that goes wrong here reaches it.
 */

import { trackComponentExit, trackComponentVisit, trackError, trackInteraction } from "./components.js";

export interface StoredComponent {
  hash: string;
  name: string;
}

/** What the middleware speaks to: the page's client, or a `CLMAnalytics`. */
export interface ComponentSink {
  trackComponentVisit(hash: string, name: string): void;
  trackInteraction(hash: string, type: string, details?: object): void;
  trackError(hash: string, error: unknown): void;
}

export interface MiddlewareOptions {
  /** Type of the action whose payload is the hash of the component that becomes active. */
  activated?: string;
  /** Its payload has `hash` and `loadTime`. */
  loaded?: string;
  /** Its payload has `hash` and `error`. */
  failed?: string;
  /** Where the state keeps its components. */
  components?: (state: never) => readonly StoredComponent[];
  analytics?: ComponentSink;
}

interface Action {
  type?: unknown;
  payload?: unknown;
}

type ClmState = { clm: { registry: { components: readonly StoredComponent[] } } };

export function footfallMiddleware(options: MiddlewareOptions = {}) {
  const {
    activated = "clm/setActiveComponent",
    loaded = "clm/componentLoaded",
    failed = "clm/componentFailed",
    components = (state: ClmState) => state.clm.registry.components,
  } = options;

  return (store: { getState(): unknown }) => {
    const find = (hash: string) => components(store.getState() as never).find((component) => component.hash === hash);
    const analytics = options.analytics ?? pageSink(find);
    const told: Record<string, (payload: never) => void> = {
      [activated]: (hash: string) => {
        const component = find(hash);
        if (component) analytics.trackComponentVisit(component.hash, component.name);
      },
      [loaded]: ({ hash, loadTime }: { hash: string; loadTime?: number }) =>
        analytics.trackInteraction(hash, "component_loaded", { load_time_ms: loadTime }),
      [failed]: ({ hash, error }: { hash: string; error: unknown }) => analytics.trackError(hash, error),
    };
    return (next: (action: unknown) => unknown) => (action: unknown) => {
      const result = next(action);
      const { type, payload } = (action ?? {}) as Action;
      try {
        if (typeof type === "string" && Object.hasOwn(told, type)) told[type]!(payload as never);
      } catch (error) {
        console.warn("footfall:", error);
      }
      return result;
    };
  };
}

/** The page's client, with one component active at a time. */
function pageSink(find: (hash: string) => StoredComponent | undefined): ComponentSink {
  const nameOf = (hash: string) => find(hash)?.name ?? hash;
  let active: string | undefined;
  return {
    trackComponentVisit(hash, name) {
      if (active === name) return;
      if (active) trackComponentExit(active);
      active = name;
      trackComponentVisit(name, hash);
    },
    trackInteraction: (hash, type, details) =>
      trackInteraction(nameOf(hash), type, { component_hash: hash, ...details }),
    trackError: (hash, error) => trackError(nameOf(hash), error, { component_hash: hash }),
  };
}
