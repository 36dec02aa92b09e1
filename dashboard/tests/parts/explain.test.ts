import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { curlOf } from "../../src/parts/explain";

test("a shell takes the question as it stands, whatever is in it", () => {
  const body = JSON.stringify({ series: [{ event: `it's "$HOME" \`id\` \\ ${"’"} ! #` }] });
  // curl stands for what prints its arguments, each behind a zero.
  const printed = execFileSync(
    "sh",
    ["-c", `curl() { printf '%s\\0' "$@"; }\n${curlOf("http://here/api?project=1&x=2", body)}`],
    {
      env: { FOOTFALL_READ_KEY: "RK" },
      encoding: "utf8",
    },
  );
  expect(printed.split("\0")).toEqual([
    "http://here/api?project=1&x=2",
    "-H",
    "Authorization: Bearer RK",
    "-H",
    "Content-Type: application/json",
    "-d",
    body,
    "",
  ]);
});

test("the key is no part of what is copied", () => {
  expect(curlOf("http://here/", "{}")).toContain('"Authorization: Bearer $FOOTFALL_READ_KEY"');
});
