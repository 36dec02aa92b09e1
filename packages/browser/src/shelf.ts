/**
 * A place for short texts: localStorage under a prefix, or memory where storage is not wanted or refuses.
 *
 * What storage refuses (full, blocked) is kept in memory, so a caller never has to know which it was.
 */

export interface Shelf {
  get(name: string): string | null;
  set(name: string, text: string): void;
  remove(name: string): void;
  names(): string[];
}

export function openShelf(prefix: string, keeps: boolean): Shelf {
  const memory = new Map<string, string>();
  let disk: Storage | undefined;
  try {
    if (keeps) disk = localStorage;
  } catch {
    // A sandboxed frame, or a visitor who blocks storage.
  }
  return {
    get: (name) => memory.get(name) ?? disk?.getItem(prefix + name) ?? null,
    set(name, text) {
      memory.set(name, text);
      try {
        disk!.setItem(prefix + name, text);
        memory.delete(name);
      } catch {
        // There is none, or it is full.
      }
    },
    remove(name) {
      memory.delete(name);
      disk?.removeItem(prefix + name);
    },
    names: () => [
      ...memory.keys(),
      ...Object.keys(disk ?? {}).flatMap((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : [])),
    ],
  };
}
