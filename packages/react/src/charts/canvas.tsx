/** ECharts in a React element: the only place that makes, sizes and disposes of one. */

import { LineChart as Lines, SankeyChart } from "echarts/charts";
import { GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { type EChartsType, init, use as register } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { type RefObject, useEffect, useRef } from "react";

register([Lines, SankeyChart, GridComponent, TooltipComponent, MarkLineComponent, MarkAreaComponent, CanvasRenderer]);

export type Option = Parameters<EChartsType["setOption"]>[0];

const STILL = "(prefers-reduced-motion: reduce)";

/** Draws `option` into the element of `place`, anew whenever it changes. `ready` is called once, with the chart. */
export function useCanvas(
  place: RefObject<HTMLDivElement | null>,
  option: Option,
  ready?: (chart: EChartsType) => void,
): RefObject<EChartsType | null> {
  const chart = useRef<EChartsType | null>(null);
  const whenReady = useRef(ready);
  whenReady.current = ready;

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = init(element, undefined, { renderer: "canvas" });
    chart.current = made;
    whenReady.current?.(made);
    const watch = new ResizeObserver(() => made.resize());
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, [place]);

  useEffect(() => {
    const fontFamily = place.current ? getComputedStyle(place.current).fontFamily : "sans-serif";
    const animation = !globalThis.matchMedia(STILL).matches;
    chart.current?.setOption({ animation, textStyle: { fontFamily }, ...option }, { notMerge: true });
  }, [option, place]);

  return chart;
}
