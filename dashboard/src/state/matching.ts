/** What somebody may mean by a few letters: every word of them has to be there, and beginnings come first. */

export function matching<T>(rows: readonly T[], query: string, textOf: (row: T) => string): T[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...rows];
  const scored = rows.flatMap((row) => {
    const text = textOf(row).toLowerCase();
    const places = words.map((word) => text.indexOf(word));
    if (places.some((place) => place < 0)) return [];
    const begins = places.filter((place) => place === 0 || /[^\p{L}\p{N}]/u.test(text[place - 1] ?? "")).length;
    return [{ row, begins, place: Math.min(...places) }];
  });
  scored.sort((one, other) => other.begins - one.begins || one.place - other.place);
  return scored.map(({ row }) => row);
}
