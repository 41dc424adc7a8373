/**
 * One call of `Runner.run` in a durable run: the agent's own run, a nested one, or one more after
 * decisions were made. Invariants: its turns are scopes, numbered as the SDK counts them; found through
 * the scope the program is in, and never from within the body of a tool, which is no part of its turns.
 */
import type { OpenScope, RunContext } from "@holdfast/core/adapter";
import { currentScope, type Scope } from "@holdfast/core/journal";
import type { RunState } from "@openai/agents";
import type { AnyAgent } from "./app.ts";
import type { NewEvents } from "./new-events.ts";

export type State = RunState<unknown, AnyAgent>;

/** What the calls of tools have in common that are carried out here. */
interface Call {
  readonly type: string;
  readonly callId: string;
  readonly action?: unknown;
  readonly operation?: unknown;
}

export class AgentRun {
  /** Whether a call of `Runner.run` has taken it. */
  begun = false;
  /** What MCP servers offered when they were asked last. */
  readonly offers: Map<object, unknown> = new Map<object, unknown>();
  /** Told the events of the run, if it is streamed to whoever asked for it. */
  readonly events: NewEvents | undefined;
  /** Of a streamed run, settles as it does. */
  streamed: Promise<void> | undefined;
  readonly #run: RunContext;
  #state: State | undefined;
  #turn: { readonly nth: number; readonly scope: OpenScope } | undefined;

  constructor(run: RunContext, events?: NewEvents) {
    this.#run = run;
    this.events = events;
  }

  /** The SDK has made, or was given, the state of this run. */
  adopt(state: State): void {
    this.#state = state;
  }

  get agent(): AnyAgent | undefined {
    return this.#state?._currentAgent;
  }

  get turn(): number {
    return this.#state?._currentTurn ?? 0;
  }

  /** The id of the call that this is the action or operation of: the very object. */
  callIdOf(asked: unknown): string | undefined {
    const calls = this.#calls().filter(
      ({ action, operation }) => asked !== undefined && (action === asked || operation === asked),
    );
    return calls[0]?.callId;
  }

  /** Of the calls that the model made last, those that a kind of tool is to carry out. */
  callIds(type: string): readonly string[] {
    return this.#calls().flatMap((call) => (call.type === `${type}_call` ? [call.callId] : []));
  }

  #calls(): readonly Call[] {
    const items = this.#state?._lastProcessedResponse?.newItems ?? [];
    return items.flatMap(({ rawItem }) =>
      rawItem !== undefined && "callId" in rawItem ? [rawItem as Call] : [],
    );
  }

  /** The functions that the model called last, whether the agent has them or not. */
  get lastCalls(): readonly { readonly name: string; readonly callId: string }[] {
    const output = this.#state?._lastTurnResponse?.output ?? [];
    return output.flatMap((item) => (item.type === "function_call" ? [item] : []));
  }

  /** Does something in the scope of the turn that the SDK is in. */
  inTurn<T>(part: () => T): T {
    const nth = this.turn;
    if (this.#turn?.nth !== nth) {
      this.close();
      this.#turn = { nth, scope: this.#run.open(`turn ${nth}`) };
    }
    return this.#turn.scope.run(part);
  }

  /** Nothing more happens in the turn. */
  close(): void {
    this.#turn?.scope.close();
    this.#turn = undefined;
  }
}

const runs = new WeakMap<Scope, AgentRun | "none">();

/** What happens in the current scope from now on belongs to this agent run, or to none. */
export function belongsTo(agentRun: AgentRun | "none"): void {
  const scope = currentScope.getStore();
  if (scope !== undefined) runs.set(scope, agentRun);
}

/** The agent run whose loop the caller is in, if it is in one. */
export function currentAgentRun(): AgentRun | undefined {
  for (let scope = currentScope.getStore(); scope !== undefined; scope = scope.parent) {
    const found = runs.get(scope);
    if (found !== undefined) return found === "none" ? undefined : found;
  }
  return undefined;
}
