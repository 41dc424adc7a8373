export { programsNotRun } from "./programs-not-run.ts";
