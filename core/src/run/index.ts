/** One attempt at a run and what stands around it, for simulations of whole runs. */
export { settleByPerson } from "../wait/settle.ts";
export { waitKey } from "../wait/waits.ts";
export { type AttemptEnd, attempt } from "./attempt.ts";
export { Deltas } from "./deltas.ts";
export { holdfastErrors, setOrigin } from "./failure.ts";
export type { RunContext } from "./run-context.ts";
export { triedAgain } from "./tried-again.ts";
