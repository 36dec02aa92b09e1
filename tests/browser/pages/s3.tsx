/** What S3's page shows, as an application: a registry of components in Redux, and the analytics of it. */

import { CLMAnalytics, footfallMiddleware, init } from "@footfall/browser";
import { configureStore, createSlice, type Middleware } from "@reduxjs/toolkit";

window.CLMAnalytics = CLMAnalytics;

declare global {
  interface Window {
    CLMAnalytics: typeof CLMAnalytics;
    store: ReturnType<typeof shop>["store"];
    analytics: CLMAnalytics | undefined;
    visitWithConsent: (hash: string, name: string) => void;
  }
}

const components = [
  { hash: "pkc-viewer", name: "PKC Viewer" },
  { hash: "graph-editor", name: "Graph Editor" },
];

function shop(watching: Middleware) {
  const slice = createSlice({
    name: "clm",
    initialState: { registry: { components }, active: "" },
    reducers: {
      setActiveComponent: (state, action: { payload: string }) => {
        state.active = action.payload;
      },
      componentLoaded: (_state, _action: { payload: { hash: string; loadTime: number } }) => {},
      componentFailed: (_state, _action: { payload: { hash: string; error: string } }) => {},
    },
  });
  const store = configureStore({
    reducer: { clm: slice.reducer },
    middleware: (getDefaultMiddleware) => getDefaultMiddleware().concat(watching),
  });
  return { store };
}

const query = new URLSearchParams(location.search);

if (query.has("ours")) {
  init({ pages: false });
  window.store = shop(footfallMiddleware()).store;
} else {
  const analytics = query.has("loki")
    ? new window.CLMAnalytics({
        lokiUrl: query.get("loki")!,
        lokiUsername: "123456",
        lokiPassword: "secret",
        flushInterval: 200,
      })
    : new window.CLMAnalytics({
        lokiUrl: "/api/events/collect",
        flushInterval: 200,
      });
  window.analytics = analytics;
  window.visitWithConsent = (hash, name) => {
    if (localStorage.getItem("analytics_consent") === "true") {
      analytics.trackComponentVisit(hash, name);
    }
  };

  // biome-ignore lint/suspicious/noExplicitAny: as on S3's page
  const analyticsMiddleware = (store: any) => (next: any) => (action: any) => {
    const result = next(action);

    if (action.type === "clm/setActiveComponent") {
      const state = store.getState();
      const component = state.clm.registry.components.find((c: { hash: string }) => c.hash === action.payload);

      if (component) {
        analytics.trackComponentVisit(component.hash, component.name);
      }
    }

    if (action.type === "clm/componentLoaded") {
      const component = action.payload;
      analytics.trackInteraction(component.hash, "component_loaded", {
        load_time_ms: component.loadTime,
      });
    }

    if (action.type === "clm/componentFailed") {
      const { hash, error } = action.payload;
      analytics.trackError(hash, error);
    }

    return result;
  };
  window.store = shop(analyticsMiddleware as Middleware).store;
}
