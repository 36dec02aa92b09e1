/** Writes footfall.js, the one file for pages without a build, and its source map, to where the server has them. */

import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await build({
  entryPoints: { footfall: here("src/script.ts") },
  outdir: here("../../src/footfall/http/bundle"),
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2020",
  sourcemap: "external", // its address depends on the server's, which names it in a header
  logLevel: "warning",
});
