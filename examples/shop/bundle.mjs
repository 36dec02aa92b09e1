/** Writes the shop (shop.js, shop.css and shop.html) to where the server has it. */

import { copyFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = here("../../src/footfall/http/bundle");

await build({
  entryPoints: { shop: here("src/shop.tsx") },
  outdir: folder,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2020",
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"' },
  legalComments: "eof", // licences of what is inside
  // The packages as they are here, built or not, and what the demo's invented visitors know of the shop.
  alias: {
    catalogue: here("../../src/footfall/demo/catalogue.json"),
    "@footfall/browser": here("../../packages/browser/src/index.ts"),
    "@footfall/react": here("../../packages/react/src/index.ts"),
    "@footfall/react/interactions": here("../../packages/react/src/interactions.tsx"),
  },
  logLevel: "warning",
});
await copyFile(here("index.html"), `${folder}/shop.html`);
