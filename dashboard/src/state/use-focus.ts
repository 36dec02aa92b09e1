/** What comes late is gone into when it is there: its dialog has looked for a field before it came. */

import { type RefObject, useEffect, useRef } from "react";

/** The first field inside of the element gets the focus. */
export function useFirstField<E extends HTMLElement>(): RefObject<E | null> {
  const place = useRef<E>(null);
  useEffect(() => place.current?.querySelector("input")?.focus(), []);
  return place;
}
