/**
 * What a page pays: bytes of what it imports, bundled, minified, gzipped. `node packages/sizes.mjs` prints JSON.
 *
 * A row is what an application would write; parts that are not imported must not be in it.
 */

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const BROWSER = here("browser/src/index.ts");
const REACT = here("react/src/index.ts");
const INTERACTIONS = here("react/src/interactions.tsx");

const CORE = `import { init, track } from "${BROWSER}"; init({ key: "k" }); track("a");`;
const ALL = `${CORE} import * as all from "${BROWSER}"; globalThis.all = all;`;
const BINDINGS = `${ALL} import * as r from "${REACT}"; import * as i from "${INTERACTIONS}"; globalThis.r = { r, i };`;

async function size(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: here(".") },
    bundle: true,
    minify: true,
    format: "esm",
    jsx: "automatic",
    write: false,
    external: ["react", "react/jsx-runtime", "@tanstack/react-query"],
    alias: { "@footfall/browser": BROWSER },
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

export async function sizes() {
  const [core, all, bindings] = await Promise.all([CORE, ALL, BINDINGS].map(size));
  return [
    { name: "core: outbox, retry, sessions, page views", bytes: core, limit: 3584 },
    { name: "everything", bytes: all, limit: 9216 },
    { name: "React bindings, on top of it", bytes: bindings - all, limit: 1536 },
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(await sizes()));
