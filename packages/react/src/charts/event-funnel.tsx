/** S1's funnel on a page of somebody's own: users, rate and drop-off of each step, within 30 minutes, of 7 days. */

import { type Source, useAnswer } from "./answer.js";
import { ChartCard } from "./card.js";
import { FunnelSteps, percent } from "./steps.js";

export interface FunnelChartProps extends Source {
  /** Names of events, in their order. */
  steps: readonly string[];
  title?: string;
  days?: number;
  /** In which all steps are taken, as an ISO 8601 duration. */
  window?: string;
}

interface Funnel {
  steps: { event: string; users: number; rate: number | null; dropped: number; in_progress: number }[];
}

const HOUR = 3_600_000;

export function FunnelChart(props: FunnelChartProps) {
  const { steps, title = "Conversion Funnel", days = 7, window = "PT30M", url, statsKey } = props;
  const to = Math.ceil(Date.now() / HOUR) * HOUR;
  const asked = useAnswer<Funnel>(
    "/api/insights/funnel",
    { url, statsKey },
    { steps: steps.map((event) => ({ event })), window, from: to - days * 24 * HOUR, to },
  );
  return (
    <ChartCard
      title={title}
      asked={asked}
      table={
        asked.data && {
          columns: ["Step", "Users", "Rate", "Dropped off", "May still come"],
          rows: asked.data.steps.map((step) => [
            step.event,
            step.users,
            percent(step.rate),
            step.dropped,
            step.in_progress,
          ]),
        }
      }
    >
      {asked.data && (
        <FunnelSteps
          name={title}
          unit="users"
          steps={asked.data.steps.map((step) => ({
            name: step.event,
            users: step.users,
            rate: step.rate,
            dropped: step.dropped,
            inProgress: step.in_progress,
          }))}
        />
      )}
    </ChartCard>
  );
}
