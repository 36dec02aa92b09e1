/** Boards: saved insights, and questions of their own, beside each other. */

import { queryOptions, useQuery } from "@tanstack/react-query";
import { useSession } from "../session";
import { useChanging } from "./change";
import { type Api, got } from "./client";
import type { Schemas } from "./types";

export type Board = Schemas["ShownBoard"];
export type Tile = Schemas["ShownTile"];
export type NewBoard = Schemas["NewBoard"];
export type ChangedBoard = Schemas["ChangedBoard"] & { id: string };

const FRESH = 30_000;

const keyOf = (api: Api) => ["boards", api.project] as const;

export function boardsOptions(api: Api) {
  return queryOptions({
    queryKey: keyOf(api),
    queryFn: ({ signal }) => got(api.routes.GET("/api/boards", { signal })),
    staleTime: FRESH,
  });
}

export function useBoards() {
  const { api, may } = useSession();
  return useQuery({ ...boardsOptions(api), enabled: may("view") });
}

export function useBoard(id: string) {
  const { api } = useSession();
  return useQuery({
    queryKey: [...keyOf(api), id],
    queryFn: ({ signal }) =>
      got(api.routes.GET("/api/boards/{board_id}", { params: { path: { board_id: id } }, signal })),
    staleTime: FRESH,
  });
}

export function useBoarding() {
  const { api } = useSession();
  return {
    create: useChanging((body: NewBoard) => got(api.routes.POST("/api/boards", { body })), keyOf(api)),
    replace: useChanging(
      ({ id, ...body }: ChangedBoard) =>
        got(api.routes.PUT("/api/boards/{board_id}", { params: { path: { board_id: id } }, body })),
      keyOf(api),
    ),
    remove: useChanging(
      (id: string) => got(api.routes.DELETE("/api/boards/{board_id}", { params: { path: { board_id: id } } })),
      keyOf(api),
    ),
  };
}

/** What a `PUT` takes of a board as it was read. */
export function bodyOf(board: Board): ChangedBoard {
  const { id, name, description, filters, tiles, version, from, to, timezone } = board;
  return {
    id,
    name,
    description,
    version,
    filters: filters ?? [],
    tiles: tiles.map((tile) => ({ ...tile, kind: tile.kind as Schemas["TileBody"]["kind"] & string })),
    ...(from != null && { from }),
    ...(to != null && { to }),
    ...(timezone != null && { timezone }),
  };
}
