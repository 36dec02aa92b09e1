/**
 * The one file for a page without a build: `<script async src="…/footfall.js" data-key="…"></script>`.
 *
 * It defines `window.footfall` with the functions of the package, and plays what a stub of that name has collected in
 * `q` as `[name, arguments]`. What goes wrong in here stays in here.
 */

import * as footfall from "./index.js";

const MODES = ["off", "cookieless", "full"];
const text = (value: string) => value;
const on = (value: string) => !/^(false|off|0|no)$/.test(value); // `data-x` alone means on

/** `data-…` attributes of the tag that are options of `init`. */
const OPTIONS: { [Name in keyof footfall.Options]?: (value: string) => footfall.Options[Name] } = {
  url: text,
  key: text,
  path: text,
  consent: (value) => (MODES.includes(value) ? (value as footfall.Mode) : "off"), // what nobody can mean allows nothing
  gpc: on,
  dnt: on,
  pages: on,
  debug: on,
  sessionMinutes: Number,
  flushInterval: Number,
  batchSize: Number,
  queryKeys: (value) => value.split(","),
};

/** Those that bring a part with them. */
const PARTS: Record<string, (value: string) => footfall.Part | false> = {
  clicks: (value) => on(value) && footfall.clicks,
  anonymous: (value) => on(value) && footfall.anonymous,
  errors: (value) => on(value) && footfall.errors,
  scroll: (value) => on(value) && footfall.scrollDepth(),
  sample: (value) => footfall.sample(Number(value)),
};

function optionsOf(script: HTMLScriptElement | null): footfall.Options {
  const data = { clicks: "", ...script?.dataset };
  const options: Record<string, unknown> = { url: script?.src ? new URL(script.src).origin : "" };
  const use: footfall.Part[] = [];
  for (const [name, value] of Object.entries(data)) {
    const read = OPTIONS[name as keyof footfall.Options];
    if (read) options[name] = read(value);
    const part = PARTS[name]?.(value);
    if (part) use.push(part);
  }
  const found: footfall.Options = { ...options, use };
  return on(script?.dataset.cnil ?? "off") ? footfall.cnil(found) : found;
}

type Functions = Record<string, (...values: unknown[]) => unknown>;

try {
  const script = document.currentScript as HTMLScriptElement | null;
  const name = script?.dataset.global ?? "footfall";
  const place = window as unknown as Record<string, { q?: [string, unknown[]][] }>;
  const early = place[name]?.q ?? [];
  Object.assign(window, { [name]: { ...footfall }, CLMAnalytics: footfall.CLMAnalytics });
  if (on(script?.dataset.init ?? "")) footfall.init(optionsOf(script));
  for (const [called, values] of early) (footfall as unknown as Functions)[called]?.(...values);
} catch (error) {
  console.warn("footfall:", error);
}
