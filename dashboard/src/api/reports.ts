/** Reports: boards and saved insights that are sent every day, week or month. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useSession } from "../session";
import { useChanging } from "./change";
import { got } from "./client";
import type { Schemas } from "./types";

export type Report = Schemas["Report"];
export type ShownReport = Schemas["ShownReport"];
export type SentReport = Schemas["SentReport"];
export type ReportPreview = Schemas["Preview"];

/** How long it may take until a page that is open shows that one was sent. */
const REFRESH = 30_000;

export function useReports() {
  const { api } = useSession();
  return useQuery({
    queryKey: ["reports", api.project],
    queryFn: ({ signal }) => got(api.routes.GET("/api/reports", { signal })),
    refetchInterval: REFRESH,
  });
}

/** What it would say if it were due now; nothing is asked while it is of nothing. */
export function usePreview(report: Report | null) {
  const { api } = useSession();
  return useQuery({
    queryKey: ["reports", api.project, "preview", report],
    queryFn: ({ signal }) => got(api.routes.POST("/api/reports/preview", { body: report as Report, signal })),
    enabled: report !== null,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

export function useSent(report: string) {
  const { api } = useSession();
  return useQuery({
    queryKey: ["reports", api.project, "history", report],
    queryFn: ({ signal }) => got(api.routes.GET("/api/reports/{report_id}/history", { ...one(report), signal })),
    refetchInterval: REFRESH,
  });
}

const one = (report: string) => ({ params: { path: { report_id: report } } });

export function useReporting() {
  const { api } = useSession();
  const touched = ["reports", api.project];
  return {
    /** One of the server's in its place, or a new one where there is no id. */
    put: useChanging(
      ({ id, report }: { id: string | null; report: Report }) =>
        id === null
          ? got(api.routes.POST("/api/reports", { body: report }))
          : got(api.routes.PUT("/api/reports/{report_id}", { ...one(id), body: report })),
      touched,
    ),
    remove: useChanging((id: string) => got(api.routes.DELETE("/api/reports/{report_id}", one(id))), touched),
    send: useChanging((id: string) => got(api.routes.POST("/api/reports/{report_id}/send", one(id))), touched),
  };
}
