/** Charts that take data and know nothing of where it comes from. */

export { AnalyticsDashboard, type AnalyticsDashboardProps } from "./analytics-dashboard.js";
export {
  BarTable,
  type BarTableCell,
  type BarTableProps,
  type BarTableRow,
} from "./bar-table.js";
export { type Bar, BarList, type BarListProps } from "./bars.js";
export { FunnelChart, type FunnelChartProps } from "./event-funnel.js";
export { EventTrendChart, type EventTrendChartProps, type TrendRange } from "./event-trend.js";
export { Grid, type GridCell, type GridProps, type GridRow } from "./grid.js";
export { Legend, type LegendProps } from "./legend.js";
export { LineChart, type LineChartProps, type LineSeries, type Note, type Point } from "./line.js";
export { Sankey, type SankeyProps, type Stream } from "./sankey.js";
export { type FunnelStep, FunnelSteps, type FunnelStepsProps, type Outcome } from "./steps.js";
export { ChartScheme, type Scheme } from "./tones.js";
