/** Rules of alerts, what they would have said, and what happened. */

import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useSession } from "../session";
import { useChanging } from "./change";
import { got } from "./client";
import type { Schemas } from "./types";

export type Rule = Schemas["Rule"];
export type ShownRule = Schemas["ShownRule"];
export type RuleType = Rule["type"];
export type RuleState = NonNullable<ShownRule["state"]>;
export type Channel = Schemas["Channel"];
export type Mute = Schemas["Mute"];
export type Backtest = Schemas["Backtest"];
export type Tested = Schemas["Tested"];
export type Happened = Schemas["ShownAlert"];

/** How long it may take until a page that is open shows how a rule stands. */
const REFRESH = 30_000;
const PAGE = 50;

export function useRules() {
  const { api } = useSession();
  return useQuery({
    queryKey: ["alerts", api.project, "rules"],
    queryFn: ({ signal }) => got(api.routes.GET("/api/events/alert-rules", { signal })),
    refetchInterval: REFRESH,
  });
}

/** What a rule would have said since a moment; nothing is asked while it is not whole. */
export function useBacktest(rule: Rule | null, from: number) {
  const { api } = useSession();
  return useQuery({
    queryKey: ["alerts", api.project, "backtest", rule, from],
    queryFn: ({ signal }) =>
      got(api.routes.POST("/api/events/alert-rules/backtest", { body: { rule: rule as Rule, from }, signal })),
    enabled: rule !== null,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

export function useHistory(rule?: string) {
  const { api } = useSession();
  return useInfiniteQuery({
    queryKey: ["alerts", api.project, "history", rule],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: PAGE, ...(rule !== undefined && { rule }), ...(pageParam > 0 && { before: pageParam }) };
      return got(api.routes.GET("/api/events/alert-history", { params: { query }, signal }));
    },
    initialPageParam: 0,
    getNextPageParam: (last) => (last.length === PAGE ? last.at(-1)?.id : undefined),
    refetchInterval: REFRESH,
  });
}

const one = (rule: string) => ({ params: { path: { rule_id: rule } } });

export function useAlerting() {
  const { api } = useSession();
  const touched = ["alerts", api.project];
  return {
    /** A rule of the server's in its place, or a new one. */
    put: useChanging(({ known, rule }: { known: boolean; rule: Rule }) => {
      const body = rule as never;
      return known
        ? got(api.routes.PUT("/api/events/alert-rules/{rule_id}", { ...one(rule.id ?? ""), body }))
        : got(api.routes.POST("/api/events/alert-rules", { body }));
    }, touched),
    remove: useChanging(
      (rule: string) => got(api.routes.DELETE("/api/events/alert-rules/{rule_id}", one(rule))),
      touched,
    ),
    /** 0 minutes end it. */
    snooze: useChanging(
      ({ rule, minutes }: { rule: string; minutes: number }) =>
        got(api.routes.POST("/api/events/alert-rules/{rule_id}/snooze", { ...one(rule), body: { minutes } })),
      touched,
    ),
    test: useChanging(
      (rule: string) => got(api.routes.POST("/api/events/alert-rules/{rule_id}/test", one(rule))),
      touched,
    ),
    acknowledge: useChanging(
      (alert: number) =>
        got(
          api.routes.POST("/api/events/alert-history/{alert_id}/acknowledge", {
            params: { path: { alert_id: String(alert) } },
          }),
        ),
      touched,
    ),
    retry: useChanging(
      (delivery: number) =>
        got(
          api.routes.POST("/api/events/alert-deliveries/{delivery_id}/retry", {
            params: { path: { delivery_id: String(delivery) } },
          }),
        ),
      touched,
    ),
  };
}
