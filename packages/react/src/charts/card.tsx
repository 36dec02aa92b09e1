/** What stands around a chart on a page of somebody's own. */

import type { ReactNode } from "react";
import type { Asked } from "./answer.js";
import { useTones } from "./tones.js";

interface ChartCardProps {
  title: string;
  /** Beside the title. */
  choice?: ReactNode;
  asked: Asked<unknown>;
  children: ReactNode;
}

export function ChartCard({ title, choice, asked, children }: ChartCardProps) {
  const tones = useTones();
  return (
    <section aria-label={title} aria-busy={asked.busy} style={{ color: tones.ink }}>
      <div
        style={{
          display: "flex",
          flexWrap: "wrap",
          justifyContent: "space-between",
          alignItems: "center",
          gap: 8,
          marginBottom: 12,
        }}
      >
        <h3 style={{ margin: 0, fontSize: "1.05em" }}>{title}</h3>
        {choice}
      </div>
      {asked.error && (
        <p role="alert" style={{ color: tones.bad }}>
          {asked.error}{" "}
          <button type="button" onClick={asked.again}>
            Try again
          </button>
        </p>
      )}
      <div style={{ opacity: asked.busy && asked.data !== undefined ? 0.5 : 1 }}>{children}</div>
      {asked.busy && asked.data === undefined && <p style={{ color: tones.quiet }}>Loading …</p>}
    </section>
  );
}
