/** Tells the story of a name: `npm run example -- killed-half-way`. Without a name it says which there are. */
import { globSync } from "node:fs";
import { dirname } from "node:path";

const names = globSync("*/main.ts", { cwd: import.meta.dirname })
  .map(dirname)
  .toSorted();
const [name = ""] = process.argv.slice(2);

if (names.includes(name)) await import(`./${name}/main.ts`);
else {
  console.error(`npm run example -- NAME, where NAME is one of ${names.join(", ")}`);
  process.exitCode = 1;
}
