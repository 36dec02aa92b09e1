/** S0's dashboard on a page of somebody's own: interactions in all, by component and by type of user. */

import { type Source, useAnswer } from "./answer.js";
import { BarList } from "./bars.js";
import { ChartCard } from "./card.js";

export interface AnalyticsDashboardProps extends Source {
  title?: string;
}

interface Counted {
  _id: string | null;
  count: number;
}

interface ServerStats {
  totalInteracciones: number;
  porComponente: Counted[];
  porTipoUsuario: Counted[];
}

export function AnalyticsDashboard({ title = "Interactions", url, statsKey }: AnalyticsDashboardProps) {
  const asked = useAnswer<ServerStats>("/api/tracking/stats", { url, statsKey });
  const { data } = asked;
  return (
    <ChartCard
      title={title}
      asked={asked}
      table={
        data && {
          columns: ["What", "Interactions"],
          rows: [...data.porComponente, ...data.porTipoUsuario].map(({ _id, count }) => [_id ?? "–", count]),
        }
      }
    >
      {data && (
        <>
          <p>
            Total Interactions: <strong>{data.totalInteracciones.toLocaleString("en-US")}</strong>
          </p>
          <Listed title="Top Components" rows={data.porComponente} />
          <Listed title="User Types" rows={data.porTipoUsuario} />
        </>
      )}
    </ChartCard>
  );
}

function Listed({ title, rows }: { title: string; rows: readonly Counted[] }) {
  return (
    <section aria-label={title} style={{ marginTop: 16 }}>
      <h4 style={{ margin: "0 0 6px" }}>{title}</h4>
      <BarList name={title} bars={rows.map(({ _id, count }) => ({ name: _id ?? "–", value: count }))} />
    </section>
  );
}
