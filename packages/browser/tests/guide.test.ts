import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as browser from "../src/index.js";

const here = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const read = (path: string) => readFileSync(here(path), "utf8");
const guide = read("docs/guide/browser.md");

/** Options that an interface in the sources names. */
function optionsOf(path: string, name: string): string[] {
  const body = read(path).split(`export interface ${name} `)[1]!.split("\n}\n")[0]!;
  return [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, option]) => option!);
}

describe("the guide", () => {
  test.each([
    ["packages/browser/src/client.ts", "Options"],
    ["packages/browser/src/clm.ts", "CLMOptions"],
    ["packages/browser/src/redux.ts", "MiddlewareOptions"],
    ["packages/browser/src/scroll.ts", "ScrollOptions"],
    ["packages/react/src/interactions.tsx", "InteractionProviderProps"],
  ])("tells of every option in %s, %s", (path, name) => {
    const options = optionsOf(path, name);
    expect(options).not.toEqual([]);
    for (const option of options) expect(guide).toMatch(new RegExp(`\\b${option}\\b`));
  });

  test("tells of everything that the packages have", () => {
    for (const name of Object.keys(browser)) expect(guide, name).toMatch(new RegExp(`\\b${name}\\b`));
    for (const [, names] of read("packages/react/src/index.ts").matchAll(/export \{([^}]*)\}/g))
      for (const name of names!.split(",").map((one) => one.trim()))
        if (name && !name.startsWith("type ")) expect(guide, name).toContain(name);
  });

  test("tells of every attribute of the script", () => {
    const source = read("packages/browser/src/script.ts");
    const listed = [...source.matchAll(/^ {2}(\w+): (?:text|on|Number|\(value\))/gm)].map(([, name]) => name!);
    const asked = [...source.matchAll(/dataset\.(\w+)/g)].map(([, name]) => name!);
    expect(listed.length).toBeGreaterThan(10);
    for (const name of [...listed, ...asked])
      expect(guide).toContain(`data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
  });

  test("shows the stub that the example page has", () => {
    const [stub] = /<script>window\.footfall .*<\/script>/.exec(guide)!;
    expect(read("examples/page.html")).toContain(stub);
  });
});

describe("its snippets", () => {
  const folder = here("node_modules/.guide");
  const files = [...guide.matchAll(/^```(tsx?)\n(.*?)^```$/gms)].map(([, kind, text], place) => ({
    name: `${place}.${kind}`,
    text: text!.includes("import ") ? text! : `${text}export {};\n`,
  }));

  beforeAll(() => {
    mkdirSync(folder, { recursive: true });
    for (const { name, text } of files) writeFileSync(`${folder}/${name}`, text);
    // What an application has before it has anything of ours.
    const theirs = `import type * as redux from "@reduxjs/toolkit";
      import type * as query from "@tanstack/react-query";
      declare global {
        const App: () => null;
        const user: { id: string } | null;
        const queryClient: query.QueryClient;
        const QueryClientProvider: typeof query.QueryClientProvider;
        const configureStore: typeof redux.configureStore;
        const reducer: redux.Reducer;
      }`;
    writeFileSync(`${folder}/theirs.d.ts`, theirs);
    const paths = {
      "@footfall/browser": [here("packages/browser/src/index.ts")],
      "@footfall/react": [here("packages/react/src/index.ts")],
      "@footfall/react/interactions": [here("packages/react/src/interactions.tsx")],
      "@footfall/react/charts": [here("packages/react/src/charts/index.ts")],
    };
    const compilerOptions = {
      noEmit: true,
      noUnusedLocals: false,
      composite: false,
      declaration: false,
      declarationMap: false,
      jsx: "react-jsx",
      paths,
    };
    const all = [...files.map(({ name }) => name), "theirs.d.ts"];
    writeFileSync(
      `${folder}/tsconfig.json`,
      JSON.stringify({ extends: here("tsconfig.base.json"), compilerOptions, files: all }),
    );
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  test("compile", () => {
    expect(files.length).toBeGreaterThan(5);
    try {
      execFileSync(process.execPath, [here("node_modules/typescript/bin/tsc"), "--project", folder], {
        encoding: "utf8",
      });
    } catch (error) {
      expect.fail((error as { stdout: string }).stdout);
    }
  }, 60_000);
});
