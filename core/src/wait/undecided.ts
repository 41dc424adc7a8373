import type { Control, Wait } from "../store/index.ts";
import { waitKey } from "./waits.ts";

/** Of the open waits, those that nobody has decided: what was decided stays open until the run takes it up. */
export function undecided(open: readonly Wait[], said: readonly Control[]): readonly Wait[] {
  const decided = new Set(said.map(({ key }) => key));
  return open.filter(({ seq }) => !decided.has(waitKey(seq)));
}
