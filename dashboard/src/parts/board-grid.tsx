/** Tiles beside each other, in twelve columns; below each other where there is no room. Each loads and fails by itself. */

import { ActionIcon, Badge, Card, Group, Text, TextInput, Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import {
  ArrowDown,
  ArrowLeft,
  ArrowRight,
  ArrowUp,
  ChevronsDownUp,
  ChevronsLeftRight,
  ChevronsRightLeft,
  ChevronsUpDown,
  type LucideIcon,
  Maximize2,
  Table2,
  Trash2,
} from "lucide-react";
import { type CSSProperties, Suspense, useMemo, useState } from "react";
import { useHappenings } from "../api/annotations";
import type { Board, Tile } from "../api/boards";
import { useSavedInsights } from "../api/saved";
import type { Kind } from "../api/types";
import type { InsightKind, Pick as PickNumber } from "../insights/kind";
import { kindRow } from "../insights/registry";
import type { Kept } from "../insights/saved";
import { askedBy, sourceOf, type TileSource } from "../insights/tile";
import { pageOfKind } from "../pages";
import { useSession } from "../session";
import { readingOrder, type Step } from "../state/grid";
import { useChange, useInsightView, useNow } from "../state/use-view";
import { Behind } from "./behind-later";
import { InsightCard } from "./insight-card";
import { Failure, Fence, Nothing, Waiting } from "./states";

/** A tile with something to know it by while it moves. */
export type PlacedTile = Tile & { key: number };

export interface Arranging {
  step: (key: number, step: Step) => void;
  rename: (key: number, title: string) => void;
  remove: (key: number) => void;
}

interface BoardGridProps {
  board: Board;
  tiles: readonly PlacedTile[];
  arranging?: Arranging;
}

export function BoardGrid({ board, tiles, arranging }: BoardGridProps) {
  return (
    <div className={arranging ? "board arranged" : "board"}>
      {readingOrder(tiles).map((tile) => (
        <TileCard key={tile.key} board={board} tile={tile} arranging={arranging} />
      ))}
    </div>
  );
}

/** Where a tile lies, for the style sheet, which leaves it out on a phone. */
export function placeOf({ x, y, width, height }: Pick<Tile, "x" | "y" | "width" | "height">): CSSProperties {
  return { "--column": `${x + 1} / span ${width}`, "--row": `${y + 1} / span ${height}` } as CSSProperties;
}

interface TileCardProps {
  board: Board;
  tile: PlacedTile;
  arranging: Arranging | undefined;
}

function TileCard({ board, tile, arranging }: TileCardProps) {
  const { data: saved, error } = useSavedInsights();
  const source = useMemo(() => sourceOf(tile, saved ?? []), [tile, saved]);
  const row = source && kindRow(source.kind);
  const title = source?.title || row?.title || "Tile";
  return (
    <Card component="section" aria-label={title} className="tile" style={placeOf(tile)} padding="sm">
      {arranging && <Tools tile={tile} title={title} arranging={arranging} />}
      <Fence of={tile}>
        {source && row && (
          <TileAnswer
            row={row}
            source={source}
            board={board}
            linked={!arranging}
            title={title}
            name={String(tile.key)}
          />
        )}
        {source && !row && <Nothing title={title}>A “{source.kind}” has no picture here.</Nothing>}
        {!source && error && <Failure error={error} />}
        {!source && !error && saved && <Nothing title="What was here is deleted" />}
        {!source && !error && !saved && <Waiting />}
      </Fence>
    </Card>
  );
}

interface TileAnswerProps<K extends Kind> {
  row: InsightKind<K>;
  source: TileSource;
  board: Board;
  /** While the board is arranged, its tiles lead nowhere and open nothing. */
  linked: boolean;
  title: string;
  /** By what an address knows the tile whose list is open. */
  name: string;
}

function TileAnswer<K extends Kind>({ row, source, board, linked, title, name }: TileAnswerProps<K>) {
  const { project } = useSession();
  const view = useInsightView();
  const change = useChange();
  const [numbers, setNumbers] = useState(false);
  const now = useNow();
  const asked = useMemo(
    () => askedBy(row, source, { board, view, zone: project.timezone, now }),
    [row, source, board, view, project.timezone, now],
  );
  const notes = useHappenings(asked.frame.bounds);
  const pick: PickNumber<K> = (pointer, number, unit) =>
    change({
      list: {
        pointer: pointer as Record<string, unknown>,
        unit: unit ?? row.lists[0],
        title: `${title} · ${number}`,
        of: name,
      },
    });
  const search = { ...asked.view, kind: row.kind, q: asked.own as Kept, saved: source.saved?.id };
  return (
    <>
      <Group justify="space-between" wrap="nowrap" gap={6} mb={4}>
        <Text component="h2" fz="sm" fw={600} truncate title={title}>
          {title}
        </Text>
        {asked.dated && (
          <Badge variant="light" color="gray" tt="none" title="The dates of what was saved, and not those above">
            {asked.frame.bounds.words}
          </Badge>
        )}
        {linked && (
          <Group gap={2} wrap="nowrap">
            <Tooltip label={numbers ? "Hide the numbers" : "The numbers"}>
              <ActionIcon
                size={24}
                aria-label={`The numbers of ${title}`}
                aria-pressed={numbers}
                onClick={() => setNumbers((before) => !before)}
              >
                <Table2 size={13} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label="Open it on its page">
              <ActionIcon
                component={Link}
                to={pageOfKind(row.kind)}
                search={search as never}
                size={24}
                aria-label={`Open ${title} on its page`}
              >
                <Maximize2 size={13} />
              </ActionIcon>
            </Tooltip>
          </Group>
        )}
      </Group>
      <InsightCard
        row={row}
        own={asked.own}
        question={asked.question}
        interval={asked.frame.interval}
        days={asked.frame.bounds.days}
        running={asked.frame.bounds.running}
        notes={notes}
        pick={linked ? pick : undefined}
        pictureOnly={!numbers}
      />
      <Suspense>
        {linked && view.list?.of === name && (
          <Behind row={row} question={asked.question} list={view.list} change={(list) => change({ list })} />
        )}
      </Suspense>
    </>
  );
}

const STEPS: readonly { step: Step; icon: LucideIcon; words: string }[] = [
  { step: "left", icon: ArrowLeft, words: "to the left" },
  { step: "right", icon: ArrowRight, words: "to the right" },
  { step: "up", icon: ArrowUp, words: "up" },
  { step: "down", icon: ArrowDown, words: "down" },
  { step: "narrower", icon: ChevronsRightLeft, words: "narrower" },
  { step: "wider", icon: ChevronsLeftRight, words: "wider" },
  { step: "shorter", icon: ChevronsDownUp, words: "less high" },
  { step: "taller", icon: ChevronsUpDown, words: "higher" },
];

function Tools({ tile, title, arranging }: { tile: PlacedTile; title: string; arranging: Arranging }) {
  return (
    <Group gap={2} mb={6} className="tools">
      <TextInput
        size="xs"
        aria-label={`Title of ${title}`}
        placeholder={title}
        flex={1}
        miw={110}
        maxLength={200}
        value={tile.title}
        onChange={(typed) => arranging.rename(tile.key, typed.currentTarget.value)}
      />
      {STEPS.map(({ step, icon: Icon, words }) => (
        <Tooltip key={step} label={words.charAt(0).toUpperCase() + words.slice(1)}>
          <ActionIcon size={24} aria-label={`${title} ${words}`} onClick={() => arranging.step(tile.key, step)}>
            <Icon size={14} />
          </ActionIcon>
        </Tooltip>
      ))}
      <ActionIcon size={24} aria-label={`Take ${title} off the board`} onClick={() => arranging.remove(tile.key)}>
        <Trash2 size={14} />
      </ActionIcon>
    </Group>
  );
}
