/** Values over time: a line for each series, what it is compared with dashed behind it, and the running end dashed. */

import { type KeyboardEvent, type RefObject, useCallback, useEffect, useId, useMemo, useRef, useState } from "react";
import { type Option, useCanvas } from "./canvas.js";
import { Legend } from "./legend.js";
import { dashOf, type Tones, toneOf, useTones } from "./tones.js";

export interface LineSeries {
  name: string;
  values: readonly (number | null)[];
  /** Of the period it is compared with, bucket for bucket. */
  previous?: readonly (number | null)[] | undefined;
  average?: readonly (number | null)[] | undefined;
}

export interface Point {
  series: number;
  index: number;
}

/** Something that happened then. */
export interface Note {
  index: number;
  text: string;
}

export interface LineChartProps {
  /** What is drawn, for those who hear it. */
  name: string;
  /** What it says, in a sentence. */
  summary: string;
  labels: readonly string[];
  series: readonly LineSeries[];
  /** Buckets that are not over yet, or cut by the range. */
  incomplete?: readonly boolean[] | undefined;
  notes?: readonly Note[] | undefined;
  /** A label as the axis says it. */
  label?: (label: string) => string;
  /** A label as one point of it is told. */
  fullLabel?: (label: string) => string;
  format?: (value: number) => string;
  axisFormat?: (value: number) => string;
  onPick?: ((point: Point) => void) | undefined;
  /** A part of the range was marked, from one bucket to another, both included. */
  onZoom?: ((first: number, last: number) => void) | undefined;
  height?: number;
  /** Nothing but the line. */
  bare?: boolean;
}

const plain = (value: number) => value.toLocaleString("en-US");
const same = (label: string) => label;

export function LineChart(given: LineChartProps) {
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const props = useMemo(() => withoutHidden(given, hidden), [given, hidden]);
  const { name, summary, labels, series, onPick, onZoom, height = 280, bare = false } = props;
  const { format = plain, fullLabel = same } = props;
  const tones = useTones();
  const place = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<Point | null>(null);
  const [marked, setMarked] = useState<readonly [number, number] | null>(null);
  const width = useWidth(place);
  const summaryId = useId();
  const option = useMemo(() => optionOf(props, tones, marked, width), [props, tones, marked, width]);

  const events = useRef({ onPick, onZoom, series, labels });
  events.current = { onPick, onZoom, series, labels };
  const chart = useCanvas(place, option, (made) => {
    let from: number | null = null;
    const indexAt = (x: number, y: number): number | null => {
      const count = events.current.labels.length;
      const found = made.convertFromPixel({ gridIndex: 0 }, [x, y]);
      const index = Array.isArray(found) ? Math.round(Number(found[0])) : Number.NaN;
      return Number.isFinite(index) && count > 0 ? Math.min(count - 1, Math.max(0, index)) : null;
    };
    const canvas = made.getZr();
    canvas.on("mousedown", (event) => {
      const wants = event.event as unknown as MouseEvent;
      from = events.current.onZoom && wants.shiftKey ? indexAt(event.offsetX, event.offsetY) : null;
    });
    canvas.on("mousemove", (event) => {
      const to = from === null ? null : indexAt(event.offsetX, event.offsetY);
      if (from !== null && to !== null) setMarked([Math.min(from, to), Math.max(from, to)]);
    });
    canvas.on("mouseup", (event) => {
      const to = from === null ? null : indexAt(event.offsetX, event.offsetY);
      if (from !== null && to !== null && from !== to) {
        events.current.onZoom?.(Math.min(from, to), Math.max(from, to));
      }
      from = null;
      setMarked(null);
    });
    canvas.on("click", (event) => {
      if ((event.event as unknown as MouseEvent).shiftKey) return;
      const index = indexAt(event.offsetX, event.offsetY);
      if (index === null || !made.containPixel({ gridIndex: 0 }, [event.offsetX, event.offsetY])) return;
      const nearest = nearestSeries(events.current.series, index, (value) =>
        Math.abs(Number(made.convertToPixel({ yAxisIndex: 0 }, value)) - event.offsetY),
      );
      if (nearest !== null) events.current.onPick?.({ series: nearest, index });
    });
  });

  const show = useCallback(
    (point: Point) => {
      setAt(point);
      const seriesIndex = drawnAt(option, point);
      if (seriesIndex === null) chart.current?.dispatchAction({ type: "hideTip" });
      else chart.current?.dispatchAction({ type: "showTip", seriesIndex, dataIndex: point.index });
    },
    [chart, option],
  );
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const next = walked(at, event.key, series.length, labels.length);
    if (next) show(next);
    else if (event.key === "Enter" && at) onPick?.(at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  useEffect(() => {
    if (at && (at.index >= labels.length || at.series >= series.length)) setAt(null);
  }, [at, labels.length, series.length]);

  if (bare) return <div ref={place} aria-hidden="true" style={{ height, width: "100%" }} />;
  return (
    <div>
      {series.length > 1 && (
        <Legend
          names={series.map((line) => line.name)}
          hidden={hidden}
          onToggle={(line) => setHidden((before) => toggled(before, line))}
        />
      )}
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms */}
      <div
        role="group"
        aria-roledescription="chart"
        aria-label={`${name}. Arrow keys walk its points${onPick ? ", Enter opens what is behind one" : ""}.`}
        aria-describedby={summaryId}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: its points are walked with the arrow keys
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => {
          setAt(null);
          chart.current?.dispatchAction({ type: "hideTip" });
        }}
        style={{ borderRadius: 4 }}
      >
        <div ref={place} style={{ height, width: "100%", cursor: onPick ? "pointer" : "default" }} />
      </div>
      <p id={summaryId} style={HIDDEN}>
        {summary}
      </p>
      <p aria-live="polite" style={HIDDEN}>
        {at ? told(at, props, fullLabel, format) : ""}
      </p>
    </div>
  );
}

/** Of an element, in steps, so that a window that is dragged does not draw everything at each pixel. */
function useWidth(place: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const watch = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth / WIDTH_STEP) * WIDTH_STEP));
    watch.observe(element);
    return () => watch.disconnect();
  }, [place]);
  return width;
}

const WIDTH_STEP = 40;

/** What is hidden keeps its place, its colour and its dashes, and has no values. */
function withoutHidden(props: LineChartProps, hidden: ReadonlySet<number>): LineChartProps {
  if (hidden.size === 0) return props;
  return {
    ...props,
    series: props.series.map((line, place) => (hidden.has(place) ? { name: line.name, values: [] } : line)),
  };
}

function toggled(places: ReadonlySet<number>, place: number): ReadonlySet<number> {
  const next = new Set(places);
  if (!next.delete(place)) next.add(place);
  return next;
}

/** By key: how far in the series, and in the buckets. */
const STEPS: Record<string, readonly [number, number]> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  Home: [0, Number.NEGATIVE_INFINITY],
  End: [0, Number.POSITIVE_INFINITY],
};

/** The point that a key leads to; the last one is the first that is shown. */
export function walked(at: Point | null, key: string, series: number, buckets: number): Point | null {
  const step = STEPS[key];
  if (!step || series === 0 || buckets === 0) return null;
  if (!at) return { series: 0, index: key === "Home" ? 0 : buckets - 1 };
  const within = (value: number, count: number) => Math.min(count - 1, Math.max(0, value));
  return { series: within(at.series + step[0], series), index: within(at.index + step[1], buckets) };
}

/**
 * Which of the drawn series has a value at a point: each line is drawn as several, and its own come first. A tooltip
 * of one that has none there would not open.
 */
export function drawnAt(option: Option, { series, index }: Point): number | null {
  const drawn = option.series as { id: string; data: readonly (number | null)[] }[];
  const places = drawn.flatMap(({ data }, place) => (data[index] == null ? [] : [place]));
  return places.find((place) => drawn[place]?.id.startsWith(`${series}:`)) ?? places[0] ?? null;
}

/** There for those who hear a page, and takes no room. */
export const HIDDEN = {
  position: "absolute",
  width: 1,
  height: 1,
  margin: -1,
  overflow: "hidden",
  clipPath: "inset(50%)",
  whiteSpace: "nowrap",
} as const;

function told(
  { series, index }: Point,
  props: LineChartProps,
  fullLabel: (label: string) => string,
  format: (value: number) => string,
): string {
  const line = props.series[series];
  const value = line?.values[index];
  const open = props.incomplete?.[index] ? ", not complete" : "";
  return `${fullLabel(props.labels[index] ?? "")}: ${line?.name ?? ""} ${value == null ? "none" : format(value)}${open}`;
}

function nearestSeries(
  series: readonly LineSeries[],
  index: number,
  distance: (value: number) => number,
): number | null {
  let nearest: number | null = null;
  let least = Number.POSITIVE_INFINITY;
  series.forEach((line, place) => {
    const value = line.values[index];
    if (value == null) return;
    const away = distance(value);
    if (away < least) [nearest, least] = [place, away];
  });
  return nearest;
}

export function optionOf(
  props: LineChartProps,
  tones: Tones,
  marked: readonly [number, number] | null,
  width: number,
): Option {
  const { labels, series, incomplete = [], notes = [], bare = false } = props;
  const { label = same, fullLabel = label, format = plain, axisFormat = format } = props;
  const one = series.length === 1;
  const text = { color: tones.quiet, fontSize: 11 };
  return {
    grid: bare
      ? { left: 1, right: 1, top: 3, bottom: 3 }
      : { left: 8, right: 14, top: 14, bottom: 4, containLabel: true },
    xAxis: {
      type: "category",
      data: [...labels],
      boundaryGap: labels.length === 1,
      show: !bare,
      axisLine: { lineStyle: { color: tones.line } },
      axisTick: { show: false },
      axisLabel: { ...text, formatter: label, hideOverlap: true, alignMaxLabel: "right" },
    },
    yAxis: {
      type: "value",
      show: !bare,
      splitNumber: 4,
      minInterval: series.every((line) => line.values.every((value) => value === null || Number.isInteger(value)))
        ? 1
        : 0,
      splitLine: { lineStyle: { color: tones.line, opacity: 0.7 } },
      axisLabel: { ...text, formatter: (value: number) => axisFormat(value) },
    },
    ...(!bare && {
      tooltip: {
        trigger: "axis",
        confine: true,
        backgroundColor: tones.ground,
        borderColor: tones.line,
        padding: 10,
        textStyle: { color: tones.ink, fontSize: 12, fontFamily: "inherit" },
        axisPointer: { lineStyle: { color: tones.quiet, type: [3, 3] } },
        // An element and not a text, since the policy of the page allows no style in a text.
        formatter: (found: unknown) =>
          tip((Array.isArray(found) ? found : [found])[0]?.dataIndex ?? 0, props, tones, fullLabel, format),
      },
    }),
    series: series.flatMap((line, place) => {
      const tone = toneOf(tones, place);
      const shared = { type: "line" as const, symbol: "circle", symbolSize: 6, lineStyle: { width: 2 } };
      const openFrom = incomplete.findIndex((open, index) => open && index > 0);
      const closed = line.values.map((value, index) => (incomplete[index] && index > 0 ? null : value));
      const running =
        openFrom > 0 ? line.values.map((value, index) => (index >= openFrom - 1 ? value : null)) : undefined;
      return [
        {
          ...shared,
          id: `${place}:closed`,
          name: line.name,
          data: closed,
          showSymbol: !bare && labels.length === 1,
          itemStyle: { color: tone },
          lineStyle: { width: bare ? 1.5 : 2, color: tone, type: dashOf(place) },
          ...(one && { areaStyle: { color: tone, opacity: bare ? 0.12 : 0.08 } }),
          ...(place === 0 && {
            ...(notes.length > 0 && { markLine: noteLines(notes, tones, width / Math.max(1, labels.length)) }),
            ...(marked && {
              markArea: {
                silent: true,
                itemStyle: { color: tones.quiet, opacity: 0.15 },
                data: [[{ xAxis: marked[0] }, { xAxis: marked[1] }]],
              },
            }),
          }),
        },
        ...(running
          ? [
              {
                ...shared,
                id: `${place}:running`,
                name: line.name,
                data: running,
                silent: true,
                showSymbol: false,
                itemStyle: { color: tone },
                lineStyle: { width: bare ? 1.5 : 2, color: tone, type: [3, 4] },
              },
            ]
          : []),
        ...(line.previous && !bare
          ? [
              {
                ...shared,
                id: `${place}:previous`,
                name: `${line.name}, before`,
                data: [...line.previous],
                silent: true,
                showSymbol: false,
                itemStyle: { color: tone },
                lineStyle: { width: 1.5, color: tone, type: [2, 4], opacity: 0.65 },
              },
            ]
          : []),
        ...(line.average && !bare
          ? [
              {
                ...shared,
                id: `${place}:average`,
                name: `${line.name}, average`,
                data: [...line.average],
                silent: true,
                showSymbol: false,
                itemStyle: { color: tones.quiet },
                lineStyle: { width: 1.5, color: tones.quiet },
              },
            ]
          : []),
      ];
    }),
  } as Option;
}

const NOTE_WIDTH = 90;

/** A line for each, and its text where there is room beside the one before; the tooltip has all of them. */
function noteLines(notes: readonly Note[], tones: Tones, pixelsEach: number) {
  let last = Number.NEGATIVE_INFINITY;
  const data = [...notes]
    .sort((one, other) => one.index - other.index)
    .map(({ index, text }) => {
      const show = (index - last) * pixelsEach > NOTE_WIDTH;
      if (show) last = index;
      return { xAxis: index, label: { show, formatter: text } };
    });
  return {
    silent: true,
    symbol: ["none", "circle"],
    symbolSize: 5,
    lineStyle: { color: tones.quiet, type: [2, 2] },
    label: { color: tones.quiet, fontSize: 10, width: NOTE_WIDTH, overflow: "truncate" },
    data,
  };
}

function tip(
  index: number,
  props: LineChartProps,
  tones: Tones,
  fullLabel: (label: string) => string,
  format: (value: number) => string,
): HTMLElement {
  const box = document.createElement("div");
  const head = box.appendChild(document.createElement("div"));
  head.textContent = fullLabel(props.labels[index] ?? "") + (props.incomplete?.[index] ? " · not complete" : "");
  head.style.cssText = "font-weight:600;margin-bottom:4px";
  props.series.slice(0, MOST_TOLD).forEach((line, place) => {
    if (line.values.length === 0) return;
    box.append(row(line.name, line.values[index], toneOf(tones, place), format));
    if (line.previous) box.append(row("before", line.previous[index], tones.line, format));
  });
  if (props.series.length > MOST_TOLD) {
    const rest = box.appendChild(document.createElement("div"));
    rest.textContent = `and ${props.series.length - MOST_TOLD} more`;
  }
  for (const note of props.notes ?? []) {
    if (note.index !== index) continue;
    const said = box.appendChild(document.createElement("div"));
    said.textContent = note.text;
    said.style.cssText = `margin-top:6px;max-width:240px;white-space:normal;color:${tones.quiet}`;
  }
  return box;
}

const MOST_TOLD = 12;

function row(name: string, value: number | null | undefined, tone: string, format: (value: number) => string) {
  const line = document.createElement("div");
  line.style.cssText = "display:flex;gap:8px;align-items:center;line-height:1.6";
  const mark = line.appendChild(document.createElement("span"));
  mark.style.cssText = `width:10px;height:10px;border-radius:3px;flex:none;background:${tone}`;
  const title = line.appendChild(document.createElement("span"));
  title.textContent = name;
  title.style.cssText = "flex:1;max-width:220px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap";
  const number = line.appendChild(document.createElement("span"));
  number.textContent = value == null ? "–" : format(value);
  number.style.cssText = "font-weight:600;font-variant-numeric:tabular-nums;padding-left:12px";
  return line;
}
