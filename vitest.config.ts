import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// What needs a browser runs in a real one (tests/browser); here is what needs none, in plain Node.
export default defineConfig({
  test: {
    include: ["packages/*/tests/**/*.test.{ts,tsx}", "dashboard/tests/**/*.test.{ts,tsx}"],
    typecheck: { enabled: false },
  },
  resolve: {
    alias: [
      { find: "@charts", replacement: here("packages/react/src/charts") },
      { find: "@footfall/browser", replacement: here("packages/browser/src/index.ts") },
      { find: "@footfall/react/interactions", replacement: here("packages/react/src/interactions.tsx") },
      { find: "@footfall/react", replacement: here("packages/react/src/index.ts") },
    ],
  },
});
