/**
 * One tab at a time: Web Locks, or a lease in the shelf where a page has none (plain http, old browsers).
 *
 * Two tabs may take a free lease in the same moment. That costs requests and no numbers, since an event's id decides.
 */

import type { Shelf } from "./shelf.js";

export const LEASE_MS = 40_000;
const POLL_MS = 500;

export async function exclusively<T>(name: string, shelf: Shelf, work: () => Promise<T>): Promise<T> {
  if (navigator.locks) return navigator.locks.request(name, work);
  const lease = `lease ${name}`;
  const left = () => Number(shelf.get(lease)) - Date.now();
  // One that lasts longer than a lease can was taken before somebody set the clock back.
  while (left() > 0 && left() <= LEASE_MS) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  shelf.set(lease, String(Date.now() + LEASE_MS));
  return work().finally(() => shelf.remove(lease));
}
