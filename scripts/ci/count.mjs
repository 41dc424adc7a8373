// Adds up the checks of a run: every test by vitest's reports, and every phase that ran no tests.
// Prints the closing line, and exits with 1 if anything failed.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [folder, phaseCount, ...failedPhases] = process.argv.slice(2);
const reports = new Map(
  readdirSync(folder).map((file) => [
    file.replace(/\.json$/, ""),
    JSON.parse(readFileSync(join(folder, file), "utf8")),
  ]),
);
const sum = (key) => [...reports.values()].reduce((total, report) => total + report[key], 0);

const failedWithoutTests = failedPhases.filter((phase) => !reports.get(phase)?.numFailedTests);
const passedWithoutTests = Number(phaseCount) - new Set([...failedPhases, ...reports.keys()]).size;
const passed = sum("numPassedTests") + passedWithoutTests;
const failed = sum("numFailedTests") + failedWithoutTests.length;

console.log();
if (failedPhases.length > 0) console.log(`Failed: ${failedPhases.join(", ")}`);
console.log(`ci: ${passed} passed, ${failed} failed`);
process.exit(failedPhases.length > 0 ? 1 : 0);
