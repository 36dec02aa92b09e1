/** The table of pages as routes. Each page is a file of its own that comes when somebody goes there. */

import {
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  retainSearchParams,
  useRouterState,
} from "@tanstack/react-router";
import { type FunctionComponent, lazy, Suspense } from "react";
import type { PageRow } from "./pages";
import { PAGES } from "./pages";
import { Nothing } from "./parts/states";
import { Shell } from "./shell";
import { insightViewOf, SHARED, sharedViewOf, type View, viewOf } from "./state/view";

const insightPage = () => import("./pages/insight");
const InsightPage = lazy(insightPage);

type Loaded = Promise<{ default: FunctionComponent }>;

/** Pages that are no questions. */
const OWN_PAGES: Partial<Record<string, () => Loaded>> = {
  "/": () => import("./pages/overview"),
  "/live": () => import("./pages/live"),
  "/people": () => import("./pages/people"),
  "/events": () => import("./pages/events"),
  "/boards": () => import("./pages/boards"),
  "/alerts": () => import("./pages/alerts"),
  "/plan": () => import("./pages/plan"),
  "/sql": () => import("./pages/sql"),
  "/settings": () => import("./pages/settings"),
};

const PersonPage = lazy(() => import("./pages/person"));
const BoardPage = lazy(() => import("./pages/board"));
const SharedPage = lazy(() => import("./pages/shared"));

/** Behind a link that was shared there is nothing around the page, and nobody is asked who they are. */
export const SHARED_PATH = "/shared/";

function Around() {
  const alone = useRouterState({ select: (state) => state.location.pathname.startsWith(SHARED_PATH) });
  if (!alone) return <Shell />;
  return (
    <Suspense>
      <Outlet />
    </Suspense>
  );
}

const root = createRootRoute({
  component: Around,
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

/** One of what a page lists; and what a link shows. */
const details = [
  createRoute({
    getParentRoute: () => root,
    path: "/people/$person",
    validateSearch: insightViewOf,
    component: () => <PersonPage />,
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/boards/$board",
    validateSearch: insightViewOf,
    component: () => <BoardPage />,
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/shared/$token",
    validateSearch: sharedViewOf,
    component: () => <SharedPage />,
  }),
];

function componentOf(page: PageRow): FunctionComponent {
  const { kinds, title } = page;
  if (kinds) return () => <InsightPage key={page.path} title={title} kinds={kinds} />;
  const own = OWN_PAGES[page.path];
  if (own) {
    const Page = lazy(own);
    return () => <Page />;
  }
  return () => <Nothing title={title} />;
}

/** Fetches the page of an address before it is drawn. */
export function fetchPage(path: string): void {
  const page: PageRow | undefined = PAGES.find((one) => one.path === path);
  const coming = page?.kinds ? insightPage() : OWN_PAGES[path]?.();
  // What fails here is asked for again, and told, when the page is drawn.
  coming?.catch(() => undefined);
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
