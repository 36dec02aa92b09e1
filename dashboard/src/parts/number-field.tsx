/** A field for a number. What is behind it is large, and comes by itself; until then its place is kept. */

import { TextInput } from "@mantine/core";
import { type ComponentProps, lazy, Suspense } from "react";

const Late = lazy(() => import("./number-input"));

type LateProps = ComponentProps<typeof Late>;

export function NumberField(props: LateProps) {
  const { label, placeholder, value = "", w = "auto" } = props;
  return (
    <Suspense fallback={<TextInput label={label} w={w} value={String(value)} placeholder={placeholder} readOnly />}>
      <Late {...props} />
    </Suspense>
  );
}
