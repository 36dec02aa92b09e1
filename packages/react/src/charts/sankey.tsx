/** Streams from step to step: what people went to next, and where they left. */

import { useMemo, useRef } from "react";
import { type Option, useCanvas } from "./canvas.js";
import { HIDDEN } from "./line.js";
import { type Tones, toneOf, useTones } from "./tones.js";

export interface Stream {
  /** The step that it leads from; 1 is the first. */
  step: number;
  from: string;
  /** Null where they left. */
  to: string | null;
  value: number;
}

export interface SankeyProps {
  name: string;
  summary: string;
  streams: readonly Stream[];
  onPick?: ((stream: Stream) => void) | undefined;
  /** A name at a step was picked. */
  onPickNode?: ((step: number, name: string) => void) | undefined;
  format?: (value: number) => string;
  height?: number;
}

export function Sankey(props: SankeyProps) {
  const { name, summary, streams, onPick, onPickNode, height = 420 } = props;
  const tones = useTones();
  const place = useRef<HTMLDivElement>(null);
  const option = useMemo(() => optionOf(props, tones), [props, tones]);
  const events = useRef({ onPick, onPickNode, streams });
  events.current = { onPick, onPickNode, streams };
  useCanvas(place, option, (chart) => {
    chart.on("click", (event) => {
      const data = event.data as { stream?: number; node?: { step: number; name: string } } | undefined;
      const picked = data?.stream === undefined ? undefined : events.current.streams[data.stream];
      if (picked) events.current.onPick?.(picked);
      if (data?.node) events.current.onPickNode?.(data.node.step, data.node.name);
    });
  });
  return (
    <div role="img" aria-label={`${name}. ${summary}`}>
      <div ref={place} style={{ height, width: "100%" }} />
      <p style={HIDDEN}>{summary}</p>
    </div>
  );
}

const LEFT = "\u0000left";

function optionOf(props: SankeyProps, tones: Tones): Option {
  const { streams, format = (value: number) => value.toLocaleString("en-US") } = props;
  // A page is another node at each step, so that streams lead one way.
  const nodeOf = (step: number, name: string | null) => `${step}\u0000${name ?? LEFT}`;
  const nodes = new Map<string, { name: string; step: number }>();
  const hues = new Map<string, number>();
  for (const { step, from, to } of streams) {
    nodes.set(nodeOf(step, from), { name: from, step });
    nodes.set(nodeOf(step + 1, to), { name: to ?? "left", step: step + 1 });
    for (const one of [from, to]) if (one !== null && !hues.has(one)) hues.set(one, hues.size);
  }
  const toneAt = (node: string, name: string) =>
    node.endsWith(LEFT) ? tones.line : toneOf(tones, hues.get(name) ?? 0);
  return {
    tooltip: {
      confine: true,
      backgroundColor: tones.ground,
      borderColor: tones.line,
      textStyle: { color: tones.ink, fontSize: 12, fontFamily: "inherit" },
      formatter: (found: unknown) => {
        const { dataType, data, value, name } = found as {
          dataType: string;
          data: { stream?: number };
          value: number;
          name: string;
        };
        const box = document.createElement("div");
        const stream = data.stream === undefined ? undefined : streams[data.stream];
        box.textContent =
          dataType === "edge" && stream
            ? `${stream.from} → ${stream.to ?? "left"}: ${format(value)}`
            : `${nodes.get(name)?.name ?? ""}: ${format(value)}`;
        return box;
      },
    },
    series: [
      {
        type: "sankey",
        left: 4,
        right: 120,
        top: 8,
        bottom: 8,
        nodeWidth: 10,
        nodeGap: 14,
        nodeAlign: "left",
        draggable: false,
        layoutIterations: 32,
        emphasis: { focus: "adjacency" },
        data: [...nodes].map(([node, { name, step }]) => ({
          name: node,
          depth: step - 1,
          ...(!node.endsWith(LEFT) && { node: { step, name } }),
          itemStyle: { color: toneAt(node, name), borderWidth: 0 },
        })),
        links: streams.map(({ step, from, to, value }, stream) => ({
          source: nodeOf(step, from),
          target: nodeOf(step + 1, to),
          value,
          stream,
        })),
        labelLayout: { hideOverlap: true },
        lineStyle: { color: "source", opacity: 0.28, curveness: 0.5 },
        label: {
          color: tones.ink,
          fontSize: 11,
          // Names lie on streams.
          textBorderColor: tones.ground,
          textBorderWidth: 3,
          width: 130,
          overflow: "truncate",
          formatter: ({ name }: { name: string }) => nodes.get(name)?.name ?? "",
        },
      },
    ],
  } as Option;
}
