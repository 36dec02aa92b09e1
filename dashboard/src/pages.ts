/** The table of pages: where each is, what it is called, which key goes there, and what one has to be allowed. */

import {
  Activity,
  BellRing,
  ChartLine,
  ClipboardCheck,
  Clock,
  Component,
  Database,
  Filter,
  LayoutDashboard,
  LayoutGrid,
  List,
  type LucideIcon,
  RefreshCw,
  Route,
  Settings,
  Users,
} from "lucide-react";
import type { Kind } from "./api/types";

export interface PageRow {
  path: string;
  title: string;
  icon: LucideIcon;
  /** After `g`. */
  key: string;
  right: string;
  /** The kinds of questions that a page of insights asks, the first of them first. */
  kinds?: readonly [Kind, ...Kind[]];
}

export const PAGES = [
  { path: "/", title: "Overview", icon: LayoutDashboard, key: "o", right: "stats" },
  { path: "/live", title: "Live", icon: Activity, key: "l", right: "read" },
  { path: "/trends", title: "Trends", icon: ChartLine, key: "t", right: "stats", kinds: ["trend"] },
  { path: "/funnels", title: "Funnels", icon: Filter, key: "f", right: "stats", kinds: ["funnel"] },
  {
    path: "/retention",
    title: "Retention",
    icon: RefreshCw,
    key: "r",
    right: "stats",
    kinds: ["retention", "lifecycle", "stickiness"],
  },
  { path: "/paths", title: "Paths", icon: Route, key: "p", right: "stats", kinds: ["paths"] },
  {
    path: "/components",
    title: "Components",
    icon: Component,
    key: "c",
    right: "stats",
    kinds: ["components", "dwell"],
  },
  { path: "/sessions", title: "Sessions", icon: Clock, key: "s", right: "stats", kinds: ["sessions"] },
  { path: "/people", title: "People", icon: Users, key: "u", right: "read" },
  { path: "/events", title: "Events", icon: List, key: "e", right: "read" },
  { path: "/boards", title: "Boards", icon: LayoutGrid, key: "b", right: "view" },
  { path: "/alerts", title: "Alerts", icon: BellRing, key: "a", right: "view" },
  { path: "/plan", title: "Plan", icon: ClipboardCheck, key: "n", right: "view" },
  { path: "/sql", title: "SQL", icon: Database, key: "q", right: "read" },
  { path: "/settings", title: "Settings", icon: Settings, key: "x", right: "view" },
] as const satisfies readonly PageRow[];

export type PagePath = (typeof PAGES)[number]["path"];

/** Where a kind of question is asked. */
export function pageOfKind(kind: Kind): PagePath {
  const rows: readonly PageRow[] = PAGES;
  return (rows.find((row) => row.kinds?.includes(kind))?.path ?? "/") as PagePath;
}

/** The page that an address belongs to: of somebody, the list of everybody. */
export function pageAround(path: string): PagePath {
  const [, first = ""] = path.split("/");
  return PAGES.find((page) => page.path === `/${first}`)?.path ?? "/";
}
