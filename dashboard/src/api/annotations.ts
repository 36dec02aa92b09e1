/** What happened when: a release, a campaign, an outage. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { Happening } from "../insights/kind";
import { useSession } from "../session";
import { useChanging } from "./change";
import { type Api, got } from "./client";
import type { Schemas } from "./types";

export type Annotation = Schemas["ShownAnnotation"];
export type NewAnnotation = Schemas["NewAnnotation"];

const keyOf = (api: Api) => ["annotations", api.project] as const;
const MOST = 200;
const PAGE = 50;

/** Those of a range, as a picture marks them; none while they are not known. */
export function useHappenings(range: { from: string; to: string }): readonly Happening[] {
  const { api, may } = useSession();
  const { data } = useQuery({
    queryKey: [...keyOf(api), range.from, range.to],
    queryFn: ({ signal }) =>
      got(
        api.routes.GET("/api/annotations", {
          params: { query: { from: range.from, to: range.to, limit: MOST } },
          signal,
        }),
      ),
    enabled: may("view"),
    staleTime: 60_000,
  });
  return data?.data ?? NONE;
}

const NONE: readonly Happening[] = [];

/** All of them, latest first, page by page. */
export function useAnnotations() {
  const { api } = useSession();
  return useInfiniteQuery({
    queryKey: [...keyOf(api), "all"],
    queryFn: ({ pageParam, signal }) =>
      got(
        api.routes.GET("/api/annotations", {
          params: { query: { limit: PAGE, ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
  });
}

export function useAnnotating() {
  const { api } = useSession();
  const add = (body: NewAnnotation) => got(api.routes.POST("/api/annotations", { body }));
  const take = (id: string) =>
    got(api.routes.DELETE("/api/annotations/{annotation_id}", { params: { path: { annotation_id: id } } }));
  return {
    create: useChanging(add, keyOf(api)),
    /** The API has no change of one: what is new is written down first, and then what was there is taken back. */
    replace: useChanging(async ({ before, now }: { before: string; now: NewAnnotation }) => {
      const made = await add(now);
      await take(before);
      return made;
    }, keyOf(api)),
    remove: useChanging(take, keyOf(api)),
  };
}
