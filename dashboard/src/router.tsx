/** The table of pages as routes. Each page is a file of its own that comes when somebody goes there. */

import { createRootRoute, createRoute, createRouter, retainSearchParams } from "@tanstack/react-router";
import { type FunctionComponent, lazy } from "react";
import type { PagePath, PageRow } from "./pages";
import { PAGES } from "./pages";
import { Nothing } from "./parts/states";
import { Shell } from "./shell";
import { insightViewOf, SHARED, type View, viewOf } from "./state/view";

const InsightPage = lazy(() => import("./pages/insight"));

type Loaded = Promise<{ default: FunctionComponent }>;

/** Pages that are no questions. */
const OWN_PAGES: Partial<Record<PagePath, () => Loaded>> = {
  "/": () => import("./pages/overview"),
  "/live": () => import("./pages/live"),
  "/people": () => import("./pages/people"),
  "/events": () => import("./pages/events"),
};

const PersonPage = lazy(() => import("./pages/person"));

const root = createRootRoute({
  component: Shell,
  validateSearch: (search: Record<string, unknown>): View => viewOf(search),
  search: { middlewares: [retainSearchParams([...SHARED])] },
  notFoundComponent: () => <Nothing title="There is no such page">The rail on the left has all there are.</Nothing>,
});

const routes = PAGES.map((page: PageRow) =>
  createRoute({
    getParentRoute: () => root,
    path: page.path,
    validateSearch: insightViewOf,
    component: componentOf(page),
  }),
);

/** One of what a page lists. */
const details = [
  createRoute({
    getParentRoute: () => root,
    path: "/people/$person",
    validateSearch: insightViewOf,
    component: () => <PersonPage />,
  }),
];

function componentOf(page: PageRow): FunctionComponent {
  const { kinds, title } = page;
  if (kinds) return () => <InsightPage key={page.path} title={title} kinds={kinds} />;
  const own = OWN_PAGES[page.path as PagePath];
  if (own) {
    const Page = lazy(own);
    return () => <Page />;
  }
  return () => <Nothing title={title} />;
}

export function createPages() {
  return createRouter({
    routeTree: root.addChildren([...routes, ...details]),
    defaultPreload: "intent",
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createPages>;
  }
}
