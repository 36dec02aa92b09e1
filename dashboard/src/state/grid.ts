/** A board's tiles in a grid of twelve columns: moved and resized step by step, and never on top of each other. */

export const COLUMNS = 12;
export const LEAST = { width: 2, height: 2 };
export const MOST_HEIGHT = 20;

export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

export type Step = "left" | "right" | "up" | "down" | "wider" | "narrower" | "taller" | "shorter";

const STEPS: Record<Step, (place: Place) => Place> = {
  left: (place) => ({ ...place, x: place.x - 1 }),
  right: (place) => ({ ...place, x: place.x + 1 }),
  up: (place) => ({ ...place, y: place.y - 1 }),
  down: (place) => ({ ...place, y: place.y + 1 }),
  wider: (place) => ({ ...place, width: place.width + 1 }),
  narrower: (place) => ({ ...place, width: place.width - 1 }),
  taller: (place) => ({ ...place, height: place.height + 1 }),
  shorter: (place) => ({ ...place, height: place.height - 1 }),
};

/** Tiles after one took a step; the same where it cannot. What is in its way goes below it. */
export function stepped<T extends Place>(tiles: readonly T[], index: number, step: Step): T[] {
  const before = tiles[index];
  if (!before) return [...tiles];
  if (step === "down" || step === "up") {
    const neighbour = touching(tiles, before, step);
    if (neighbour >= 0) {
      // They change places: the lower one goes to where the upper one begins, and that makes way.
      const [lower, upper] = step === "up" ? [index, neighbour] : [neighbour, index];
      return moved(tiles, lower, { ...(tiles[lower] as T), y: (tiles[upper] as T).y });
    }
  }
  const after = within(STEPS[step](before));
  return same(after, before) ? [...tiles] : moved(tiles, index, after);
}

function moved<T extends Place>(tiles: readonly T[], index: number, to: Place): T[] {
  return arranged(
    tiles.map((tile, at) => (at === index ? { ...tile, ...to } : tile)),
    index,
  );
}

/** The tile that begins where this one ends, or ends where this one begins; -1 without one. */
function touching(tiles: readonly Place[], tile: Place, step: "up" | "down"): number {
  return tiles.findIndex(
    (other) =>
      other !== tile &&
      other.x < tile.x + tile.width &&
      tile.x < other.x + other.width &&
      (step === "up" ? other.y + other.height === tile.y : other.y === tile.y + tile.height),
  );
}

/** Kept inside of the grid. */
export function within(place: Place): Place {
  const width = Math.min(COLUMNS, Math.max(LEAST.width, place.width));
  const height = Math.min(MOST_HEIGHT, Math.max(LEAST.height, place.height));
  return { width, height, x: Math.min(COLUMNS - width, Math.max(0, place.x)), y: Math.max(0, place.y) };
}

/** None on top of another, and no row without any; the tile at `first` stays where it is as long as it can. */
export function arranged<T extends Place>(tiles: readonly T[], first?: number): T[] {
  const order = tiles
    .map((_, at) => at)
    .toSorted((a, b) => {
      if (a === first || b === first) return a === first ? -1 : 1;
      const [one, other] = [tiles[a] as T, tiles[b] as T];
      return one.y - other.y || one.x - other.x;
    });
  const placed: Place[] = [];
  const result = [...tiles];
  for (const at of order) {
    const tile = tiles[at] as T;
    let place = within(tile);
    for (
      let hit = placed.find((other) => overlap(place, other));
      hit;
      hit = placed.find((other) => overlap(place, other))
    )
      place = { ...place, y: hit.y + hit.height };
    placed.push(place);
    result[at] = { ...tile, ...place };
  }
  return closedUp(result);
}

function closedUp<T extends Place>(tiles: readonly T[]): T[] {
  const taken = new Set(tiles.flatMap(({ y, height }) => Array.from({ length: height }, (_, row) => y + row)));
  const emptyBefore = (y: number) => Array.from({ length: y }, (_, row) => row).filter((row) => !taken.has(row)).length;
  return tiles.map((tile) => ({ ...tile, y: tile.y - emptyBefore(tile.y) }));
}

function overlap(one: Place, other: Place): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

function same(one: Place, other: Place): boolean {
  return one.x === other.x && one.y === other.y && one.width === other.width && one.height === other.height;
}

/** The first row under all of them. */
export function freeRow(tiles: readonly Place[]): number {
  return tiles.reduce((most, { y, height }) => Math.max(most, y + height), 0);
}

/** As somebody reads them: row by row. */
export function readingOrder<T extends Place>(tiles: readonly T[]): T[] {
  return tiles.toSorted((one, other) => one.y - other.y || one.x - other.x);
}
