/**
 * The approvals that the SDK stops for, as questions of the run. Each execution takes those that are
 * decided by the time it comes to them: a decision that comes later has the run executed anew, over
 * its journal. Invariant: a decision goes to exactly the agent, the call and the arguments that were
 * shown.
 */
import { askOrLeave, durableStep, type OpenScope, type RunContext } from "@holdfast/core/adapter";
import type { RunToolApprovalItem } from "@openai/agents";
import type { State } from "./agent-run.ts";
import type { AnyAgent } from "./app.ts";

export interface Verdict {
  readonly approved: boolean;
  readonly note?: string;
  /** What the call is to be made with, if somebody changed that. */
  readonly args?: unknown;
  /** Whether it goes for all later calls of the tool. */
  readonly always?: boolean;
}

const verdicts = new WeakMap<RunContext, Map<string, Verdict>>();

/** What was decided on a call that the SDK stopped for, if that was decided in this run. */
export function verdictOn(
  run: RunContext,
  agent: AnyAgent | undefined,
  callId: string | undefined,
): Verdict | undefined {
  return verdicts.get(run)?.get(JSON.stringify([agent?.name, callId]));
}

export class Approvals {
  readonly #run: RunContext;
  readonly #scope: OpenScope;
  readonly #asked = new Set<string>();
  /** Decided, and the SDK does not know yet. */
  readonly #undone = new Map<string, Verdict>();
  #stops = 0;

  constructor(run: RunContext) {
    this.#run = run;
    this.#scope = run.open("approvals");
    // Decisions are taken ahead of what comes of them: no result is to wait for one.
    this.#scope.close();
  }

  /** Tells the state what was decided. Returns whether anything was. */
  async decide(state: State, items: readonly RunToolApprovalItem[]): Promise<boolean> {
    for (const item of items) {
      const verdict = await this.#ask(item);
      if (verdict !== undefined) this.#undone.set(keyOf(item), verdict);
    }
    if (this.#undone.size === 0) return false;
    const together = await this.#together();
    // To the SDK, a decision for good undoes those on single calls of the tool that it knows.
    const isSingle = (item: RunToolApprovalItem) => !this.#undone.get(keyOf(item))?.always;
    for (const item of items.toSorted((a, b) => Number(isSingle(a)) - Number(isSingle(b)))) {
      const key = keyOf(item);
      const verdict = this.#undone.get(key);
      if (verdict === undefined || !together.includes(key)) continue;
      this.#undone.delete(key);
      this.#keep(key, verdict);
      const { note: message, always = false } = verdict;
      if (verdict.approved) state.approve(item, { alwaysApprove: always });
      else
        state.reject(item, { alwaysReject: always, ...(message === undefined ? {} : { message }) });
    }
    return true;
  }

  /**
   * Which decisions the SDK is told of at this stop. On record, since it is not the same to a session
   * whether two calls were decided one after the other or at once.
   */
  #together(): Promise<readonly string[]> {
    this.#stops += 1;
    return this.#scope.run(() =>
      durableStep(this.#run, {
        kind: "code",
        name: "decisions",
        callId: `stop ${this.#stops}`,
        identity: this.#stops,
        body: async () => [...this.#undone.keys()],
      }),
    );
  }

  /** Undefined as long as nobody has decided. Equal calls of one agent are one to the SDK. */
  async #ask(item: RunToolApprovalItem): Promise<Verdict | undefined> {
    const callId = keyOf(item);
    if (this.#asked.has(callId)) return undefined;
    this.#asked.add(callId);
    const asked = argumentsOf(item);
    const name = item.name ?? item.toolName ?? "tool";
    const question = { kind: "approval", name, callId, asked, ahead: true } as const;
    const answer = await this.#scope.run(() => askOrLeave(this.#run, question));
    return answer && (answer.value as Verdict);
  }

  #keep(key: string, verdict: Verdict): void {
    const known = verdicts.get(this.#run) ?? new Map<string, Verdict>();
    verdicts.set(this.#run, known.set(key, verdict));
  }
}

/** What the SDK tells a call by: the question about it has this as its id. */
export function keyOf(item: RunToolApprovalItem): string {
  return JSON.stringify([item.agent.name, callIdOf(item)]);
}

function callIdOf({ rawItem }: RunToolApprovalItem): string | undefined {
  return "callId" in rawItem ? rawItem.callId : rawItem.id;
}

function argumentsOf({ arguments: given, rawItem }: RunToolApprovalItem): unknown {
  if ("action" in rawItem) return rawItem.action;
  if ("operation" in rawItem) return rawItem.operation;
  // Of a tool that runs at OpenAI's.
  const json = given ?? (rawItem.providerData?.arguments as string | undefined);
  try {
    return json === undefined ? undefined : JSON.parse(json);
  } catch {
    return json;
  }
}
