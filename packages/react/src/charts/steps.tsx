/** The steps of a funnel: how many took each, how many still may, and how many were lost before it. */

import type { CSSProperties, ReactNode } from "react";
import { type Tones, useTones } from "./tones.js";

export interface FunnelStep {
  name: string;
  users: number;
  /** Of the first step, 0 to 1. */
  rate: number | null;
  /** Between this step and the one before. */
  dropped: number;
  /** Who still has time to take it. */
  inProgress?: number;
  /** What stands under the step, such as the time it took. */
  note?: string | undefined;
}

export type Outcome = "converted" | "dropped" | "in_progress";

export interface FunnelStepsProps {
  name: string;
  steps: readonly FunnelStep[];
  onPick?: ((step: number, outcome: Outcome) => void) | undefined;
  /** What is counted, in the plural. */
  unit?: string;
}

const number = (value: number) => value.toLocaleString("en-US");
export const percent = (rate: number | null) =>
  rate === null ? "–" : rate.toLocaleString("en-US", { style: "percent", maximumFractionDigits: 1 });

export function FunnelSteps({ name, steps, onPick, unit = "people" }: FunnelStepsProps) {
  const tones = useTones();
  const first = steps[0]?.users ?? 0;
  return (
    <ol aria-label={name} style={{ listStyle: "none", margin: 0, padding: 0, display: "grid", gap: 14 }}>
      {steps.map((step, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same step may come twice, and its place is what it is
        <li key={place}>
          <Step step={step} place={place} first={first} unit={unit} tones={tones} onPick={onPick} />
        </li>
      ))}
    </ol>
  );
}

interface StepProps {
  step: FunnelStep;
  place: number;
  first: number;
  unit: string;
  tones: Tones;
  onPick: FunnelStepsProps["onPick"];
}

function Step({ step, place, first, unit, tones, onPick }: StepProps) {
  const width = (users: number) => `${first > 0 ? (users / first) * 100 : 0}%`;
  const open = step.inProgress ?? 0;
  const pick = (outcome: Outcome) => onPick && (() => onPick(place + 1, outcome));
  return (
    <>
      <div style={HEAD}>
        <span style={{ minWidth: 0, overflowWrap: "anywhere" }}>
          <span style={{ color: tones.quiet }}>{place + 1}</span> {step.name}
        </span>
        <Told tones={tones} onPick={pick("converted")} strong>
          {number(step.users)} {unit} ({percent(step.rate)})
        </Told>
      </div>
      <div aria-hidden="true" style={{ ...TRACK, background: tones.soft }}>
        <div style={{ width: width(step.users), background: tones.series[0] }} />
        <div style={{ width: width(open), background: hatch(tones) }} />
      </div>
      <div style={{ ...HEAD, color: tones.quiet, fontSize: "0.86em", minHeight: "1.5em" }}>
        <span>{step.note}</span>
        <span style={{ display: "flex", gap: 12, flexWrap: "wrap", justifyContent: "flex-end" }}>
          {open > 0 && (
            <Told tones={tones} onPick={pick("in_progress")}>
              {number(open)} may still come
            </Told>
          )}
          {place > 0 && step.dropped > 0 && (
            <Told tones={tones} onPick={pick("dropped")} tone={tones.bad}>
              ↓ {number(step.dropped)} dropped off
            </Told>
          )}
        </span>
      </div>
    </>
  );
}

interface ToldProps {
  children: ReactNode;
  tones: Tones;
  onPick: (() => void) | undefined;
  strong?: boolean;
  tone?: string;
}

function Told({ children, tones, onPick, strong = false, tone }: ToldProps) {
  const style: CSSProperties = {
    fontWeight: strong ? 600 : 400,
    fontVariantNumeric: "tabular-nums",
    color: tone ?? (strong ? tones.ink : tones.quiet),
    whiteSpace: "nowrap",
  };
  if (!onPick) return <span style={style}>{children}</span>;
  return (
    <button type="button" onClick={onPick} style={{ ...PLAIN, ...style }}>
      {children}
    </button>
  );
}

function hatch(tones: Tones): string {
  const tone = tones.series[0];
  return `repeating-linear-gradient(135deg, ${tone} 0 2px, transparent 2px 6px)`;
}

const HEAD: CSSProperties = { display: "flex", justifyContent: "space-between", gap: 12, alignItems: "baseline" };
const TRACK: CSSProperties = { display: "flex", height: 28, borderRadius: 5, overflow: "hidden", margin: "5px 0 3px" };
const PLAIN: CSSProperties = {
  border: 0,
  padding: "2px 0",
  minHeight: 24,
  background: "none",
  font: "inherit",
  cursor: "pointer",
  textDecoration: "underline",
  textDecorationStyle: "dotted",
  textUnderlineOffset: 3,
};
