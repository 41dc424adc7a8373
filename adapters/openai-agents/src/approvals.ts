/**
 * The approvals that the SDK stops for, as questions of the run. Each execution takes those that are
 * decided by the time it comes to them: a decision that comes later has the run executed anew, over
 * its journal. Invariant: a decision goes to exactly the agent, the call and the arguments that were
 * shown.
 */
import { askOrLeave, type OpenScope, type RunContext } from "@holdfast/core/adapter";
import type { RunToolApprovalItem } from "@openai/agents";
import type { State } from "./agent-run.ts";
import type { AnyAgent } from "./app.ts";

interface Verdict {
  readonly approved: boolean;
  readonly note?: string;
  /** What the call is to be made with, if somebody changed that. */
  readonly args?: unknown;
}

const verdicts = new WeakMap<RunContext, Map<string, Verdict>>();

/** What was decided on a call that the SDK stopped for, if that was decided in this run. */
export function verdictOn(
  run: RunContext,
  agent: AnyAgent | undefined,
  callId: string | undefined,
): Verdict | undefined {
  return verdicts.get(run)?.get(keyOf(agent?.name, callId));
}

export class Approvals {
  readonly #run: RunContext;
  readonly #scope: OpenScope;
  readonly #asked = new Set<string>();

  constructor(run: RunContext) {
    this.#run = run;
    this.#scope = run.open("approvals");
    // Decisions are taken ahead of what comes of them: no result is to wait for one.
    this.#scope.close();
  }

  /** Tells the state what was decided. Returns whether anything was. */
  async decide(state: State, items: readonly RunToolApprovalItem[]): Promise<boolean> {
    let isAnyDecided = false;
    for (const item of items) {
      const verdict = await this.#ask(item);
      if (verdict === undefined) continue;
      isAnyDecided = true;
      this.#keep(keyOf(item.agent.name, callIdOf(item)), verdict);
      if (verdict.approved) state.approve(item);
      else state.reject(item, verdict.note === undefined ? {} : { message: verdict.note });
    }
    return isAnyDecided;
  }

  /** Undefined as long as nobody has decided. Equal calls of one agent are one to the SDK. */
  async #ask(item: RunToolApprovalItem): Promise<Verdict | undefined> {
    const callId = keyOf(item.agent.name, callIdOf(item));
    if (this.#asked.has(callId)) return undefined;
    this.#asked.add(callId);
    const asked = argumentsOf(item);
    const name = item.name ?? "tool";
    const question = { kind: "approval", name, callId, asked, ahead: true } as const;
    const answer = await this.#scope.run(() => askOrLeave(this.#run, question));
    return answer && (answer.value as Verdict);
  }

  #keep(key: string, verdict: Verdict): void {
    const known = verdicts.get(this.#run) ?? new Map<string, Verdict>();
    verdicts.set(this.#run, known.set(key, verdict));
  }
}

function keyOf(agent: string | undefined, callId: string | undefined): string {
  return JSON.stringify([agent, callId]);
}

function callIdOf({ rawItem }: RunToolApprovalItem): string | undefined {
  return "callId" in rawItem ? rawItem.callId : rawItem.id;
}

function argumentsOf({ arguments: json }: RunToolApprovalItem): unknown {
  try {
    return json === undefined ? undefined : JSON.parse(json);
  } catch {
    return json;
  }
}
