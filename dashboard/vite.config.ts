import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Where the server has the files from (http/dashboard.py); the wheel holds them. */
const BUNDLE = here("../src/footfall/http/bundle/dashboard");

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: { "@charts": here("../packages/react/src/charts") },
    dedupe: ["react", "react-dom", "echarts"],
  },
  // The server puts a fresh value in its place for each answer; what adds style elements reads it (src/nonce.ts).
  html: { cspNonce: "{{nonce}}" },
  build: {
    outDir: BUNDLE,
    emptyOutDir: true,
    target: "es2022",
    // Nothing is written into the page as data: addresses, which the policy forbids for fonts and scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1200,
    manifest: true,
    // What every page needs comes as one file, and what most of them need as another: a tenth less to send, and a page
    // waits for twelve files instead of thirty-three. With more in it, pages load what they do not use.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "first", tags: ["$initial"], priority: 1 },
            { name: "shared", minShareCount: 9, test: (id) => !/charts|echarts|zrender/.test(id) },
          ],
        },
      },
    },
  },
  // `npm run dev` in this folder: pages from here, everything else from a server on its usual port.
  server: {
    proxy: Object.fromEntries(
      ["/api", "/account", "/signin", "/signout", "/page.css", "/footfall.js"].map((path) => [
        path,
        { target: "http://127.0.0.1:8400", changeOrigin: true },
      ]),
    ),
  },
});
