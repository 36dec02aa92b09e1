/** The list behind a number, which nobody waits for before there is a picture. */

import { lazy } from "react";
import type { Behind as BehindNow } from "./behind";

export const Behind = lazy(() => import("./behind").then((found) => ({ default: found.Behind }))) as typeof BehindNow;
