/** One attempt at a run and what stands around it, for simulations of whole runs. */
export { settleByPerson } from "../wait/settle.ts";
export { type OpenQuestion, waitKey } from "../wait/waits.ts";
export { type AttemptEnd, type AttemptParts, attempt, type ProgramEnd } from "./attempt.ts";
export { Deltas } from "./deltas.ts";
export { holdfastErrors, originOf, setOrigin } from "./failure.ts";
export { RunContext } from "./run-context.ts";
