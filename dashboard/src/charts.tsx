/** The pictures, from the parts that `@footfall/react/charts` has too. What needs ECharts comes when it is drawn. */

import { Skeleton } from "@mantine/core";
import { type ComponentProps, lazy, Suspense } from "react";

export { BarTable, type BarTableCell, type BarTableRow } from "@charts/bar-table";
export { type Bar, BarList } from "@charts/bars";
export { Grid, type GridCell, type GridRow } from "@charts/grid";
export type { Note } from "@charts/line";
export type { Stream } from "@charts/sankey";
export { type FunnelStep, FunnelSteps, type Outcome } from "@charts/steps";
export { ChartScheme, TONES } from "@charts/tones";

const Lines = lazy(() => import("@charts/line").then(({ LineChart }) => ({ default: LineChart })));
const Streams = lazy(() => import("@charts/sankey").then(({ Sankey }) => ({ default: Sankey })));

export function LineChart(props: ComponentProps<typeof Lines>) {
  return (
    <Suspense fallback={<Skeleton height={props.height ?? 280} />}>
      <Lines {...props} />
    </Suspense>
  );
}

export function Sankey(props: ComponentProps<typeof Streams>) {
  return (
    <Suspense fallback={<Skeleton height={props.height ?? 420} />}>
      <Streams {...props} />
    </Suspense>
  );
}
