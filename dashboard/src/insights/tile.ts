/** What a tile of a board asks: its own question, under what the board says, under what the address says. */

import type { Board, Tile } from "../api/boards";
import type { Saved } from "../api/saved";
import type { Kind } from "../api/types";
import { type Frame, frameOf } from "../state/use-view";
import { pruned, type View } from "../state/view";
import { questionOf } from "./ask";
import type { InsightKind, Own } from "./kind";
import { addressOf, type Kept, rangeOf } from "./saved";

/** The question behind a tile, and what it is called. */
export interface TileSource {
  kind: Kind;
  question: Kept;
  title: string;
  saved: Saved | undefined;
}

/** Null for a tile whose saved insight is not known: it was deleted meanwhile, or is still to come. */
export function sourceOf(tile: Tile, saved: readonly Saved[]): TileSource | null {
  if (tile.saved === null) {
    if (tile.kind === null || tile.question === null) return null;
    return { kind: tile.kind as Kind, question: tile.question, title: tile.title, saved: undefined };
  }
  const found = saved.find((one) => one.id === tile.saved);
  return found ? { kind: found.kind, question: found.question, title: tile.title || found.name, saved: found } : null;
}

export interface TileAsked<K extends Kind> {
  own: Own<K>;
  /** What its page says when somebody goes there. */
  view: View;
  frame: Frame;
  question: ReturnType<typeof questionOf<K>>;
  /** Whether its dates are its own, and not those above all tiles. */
  dated: boolean;
}

export function askedBy<K extends Kind>(
  row: InsightKind<K>,
  source: TileSource,
  over: { board: Pick<Board, "from" | "to" | "timezone" | "filters">; view: View; zone: string; now: number },
): TileAsked<K> {
  const { board, view, zone, now } = over;
  const { q, ...address } = addressOf(row.takes, source.question);
  const filters = [...(address.filters ?? []), ...(board.filters ?? []), ...(view.filters ?? [])];
  const shared = view.range ?? rangeOf(board.from, board.to);
  const asked = pruned<View>({
    range: shared ?? address.range,
    interval: address.interval,
    compare: view.compare ?? address.compare,
    filters: filters.length > 0 ? filters : undefined,
    bots: view.bots ?? address.bots,
  });
  const own = (board.timezone == null ? q : { ...q, timezone: board.timezone }) as Own<K>;
  const frame = frameOf(asked.range, asked.interval, zone, now);
  const dated = shared === undefined && address.range !== undefined;
  return { own, view: asked, frame, question: questionOf(row, own, asked, frame), dated };
}
