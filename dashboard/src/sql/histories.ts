/** Where a browser keeps the statements that were run: what one ran in one project is nobody else's, and of no other. */

const KEY = "footfall-sql";

export function keyOf(project: number, user = ""): string {
  return `${KEY} ${project} ${user}`;
}

/** Whoever signs out leaves none behind. */
export function forgetHistories(storage: Storage = localStorage): void {
  const keys = Array.from({ length: storage.length }, (_, place) => storage.key(place) ?? "");
  for (const key of keys.filter((one) => one.startsWith(KEY))) storage.removeItem(key);
}
