/** A span of time: a number, and of what. */

import { Group, Select } from "@mantine/core";
import { useState } from "react";
import { isoOf, SPAN_UNITS, type Span, type SpanUnit, secondsOf, spanOf } from "../state/duration";
import { NumberField } from "./number-field";

interface SpanFieldProps {
  label: string;
  /** ISO 8601. */
  value: string;
  onChange: (value: string) => void;
  /** In seconds. */
  most: number;
}

const FALLBACK: Span = { count: 1, unit: "days" };

export function SpanField({ label, value, onChange, most }: SpanFieldProps) {
  const span = spanOf(value) ?? FALLBACK;
  const [empty, setEmpty] = useState(false);
  const put = (next: Span) => {
    const longest = Math.floor(most / SPAN_UNITS[next.unit].seconds);
    onChange(isoOf(secondsOf(next) > most ? { ...next, count: longest } : next));
  };
  return (
    <Group gap={4} align="end" wrap="nowrap">
      <NumberField
        label={label}
        w={84}
        min={1}
        max={Math.floor(most / SPAN_UNITS[span.unit].seconds)}
        allowDecimal={false}
        value={empty ? "" : span.count}
        onChange={(count) => {
          setEmpty(typeof count !== "number");
          if (typeof count === "number" && count >= 1) put({ ...span, count });
        }}
        onBlur={() => setEmpty(false)}
      />
      <Select
        aria-label={`Unit of “${label}”`}
        w={110}
        value={span.unit}
        allowDeselect={false}
        data={Object.keys(SPAN_UNITS).toReversed()}
        onChange={(unit) => unit !== null && put({ ...span, unit: unit as SpanUnit })}
      />
    </Group>
  );
}
