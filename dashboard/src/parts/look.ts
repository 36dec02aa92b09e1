/**
 * How a picture is looked at. On the page of a question it is in the address; elsewhere each picture has its own, since
 * a board has several.
 */

import { createContext, useContext, useState } from "react";
import type { Look } from "../state/view";

type Looking = readonly [Look, (look: Look) => void];

export const LookContext = createContext<Looking | null>(null);

export function useLook(): Looking {
  const own = useState<Look>({});
  return useContext(LookContext) ?? own;
}
