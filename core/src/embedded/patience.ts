// How long an operation may take, and whether its waiting keeps the process alive: it does when
// someone awaits the operation, it does not when the operation heals in the background.
import { setTimeout as sleep } from "node:timers/promises";

export interface Patience {
  readonly deadline: number;
  readonly holdsProcess: boolean;
}

export function patience(timeoutMs: number, holdsProcess: boolean): Patience {
  return { deadline: performance.now() + timeoutMs, holdsProcess };
}

export function remainingMs({ deadline }: Patience): number {
  return deadline - performance.now();
}

export function isOver(patience: Patience): boolean {
  return remainingMs(patience) < 0;
}

export async function pause({ holdsProcess }: Patience, ms: number): Promise<void> {
  await sleep(ms, undefined, { ref: holdsProcess });
}
