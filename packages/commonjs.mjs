/** Says of what `tsc` wrote into `dist/cjs` that it is CommonJS; its package says that everything else is not. */

import { writeFile } from "node:fs/promises";

for (const name of ["browser", "react"])
  await writeFile(new URL(`${name}/dist/cjs/package.json`, import.meta.url), '{ "type": "commonjs" }\n');
