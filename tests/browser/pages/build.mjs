/** `node build.mjs FOLDER [react-18]` bundles the pages here, with the newest React or the one of that folder. */

import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const [folder, react = "pages"] = process.argv.slice(2);
const { resolve } = createRequire(here(`../${react}/package.json`));
const folderOf = (name) => dirname(resolve(`${name}/package.json`));

await build({
  entryPoints: readdirSync(here("."))
    .filter((name) => name.endsWith(".tsx"))
    .map((name) => here(name)),
  outdir: folder,
  bundle: true,
  format: "iife",
  jsx: "automatic",
  jsxDev: true,
  define: { "process.env.NODE_ENV": '"development"' }, // StrictMode runs effects twice
  alias: {
    "@footfall/browser": here("../../../packages/browser/src/index.ts"),
    "@footfall/react": here("../../../packages/react/src/index.ts"),
    "@footfall/react/charts": here("../../../packages/react/src/charts/index.ts"),
    "@footfall/react/interactions": here("../../../packages/react/src/interactions.tsx"),
    react: folderOf("react"),
    "react-dom": folderOf("react-dom"),
  },
  logLevel: "warning",
});
