/** What somebody wrote down as having happened. */

import { useQuery } from "@tanstack/react-query";
import type { Happening } from "../insights/kind";
import { useSession } from "../session";
import { got } from "./client";

const FRESH = 60_000;
const MOST = 100;

/** Those of a range, its end not included; none for whom they are not. */
export function useHappenings({ from, to }: { from: string; to: string }): readonly Happening[] {
  const { api, may } = useSession();
  const query = { from, to, limit: MOST };
  const { data } = useQuery({
    queryKey: ["annotations", api.project, query],
    queryFn: ({ signal }) => got(api.routes.GET("/api/annotations", { params: { query }, signal })),
    enabled: may("view"),
    staleTime: FRESH,
  });
  return data?.data ?? NONE;
}

const NONE: readonly Happening[] = [];
