/** A component's visits, by what can be seen of its element. */

import { observe } from "@footfall/browser";
import { type RefObject, useEffect } from "react";

/**
 * Visits of the component whose element `ref` holds. Its name is `name`, else the element's `data-component`, else its
 * id, else its tag.
 */
export function useComponentVisit(ref: RefObject<HTMLElement | null>, name?: string): void {
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    return observe(element, name ?? (element.dataset.component || element.id || element.localName));
  }, [ref, name]);
}
