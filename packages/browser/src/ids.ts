/** Ids that sort by the time at which they were made: UUIDv7 (RFC 9562). An event's id is what it is counted once by (R25). */

let last = 0;

/** Of two ids of one page, the later one is the greater: within a millisecond, the next one is borrowed for it. */
export function uuid7(now: number): string {
  last = Math.max(now, last + 1);
  const random = crypto.getRandomValues(new Uint8Array(10)); // randomUUID is for secure pages only
  random[0] = 0x70 | (random[0]! & 15);
  random[2] = 0x80 | (random[2]! & 63);
  const time = last.toString(16).padStart(12, "0");
  const hex = random.reduce((text, byte) => text + (byte | 256).toString(16).slice(1), time);
  return hex.replace(/^.{8}|.{4}(?=.{12})/g, "$&-"); // 8-4-4-4-12
}

/** When an id was made, in milliseconds; NaN for an id of somebody else's making. */
export const bornAt = (id: string): number => Number(`0x${id.slice(0, 13).replace("-", "")}`);
