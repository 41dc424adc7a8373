/**
 * A streamed run in the SDK's own form. Invariant: the result that a user holds is one and the same
 * whatever happens to the run; the state it shows is that of the execution under way.
 */
import type { LiveStream } from "@holdfast/core/adapter";
import type { RunResult, RunStreamEvent, StreamedRunResult } from "@openai/agents";
import type { State } from "./agent-run.ts";
import { type AnyAgent, agentAppOf } from "./app.ts";
import { copyOf } from "./sdk.ts";

export type Streamed = StreamedRunResult<unknown, AnyAgent>;

/** How the SDK's own loop feeds a streamed result. */
interface Fed {
  _addItem(event: RunStreamEvent): void;
  _done(): void;
  _raiseError(error: unknown, options: { readonly preserveQueuedItems: true }): void;
}

/** What is told of a streamed run: that an execution of it goes on with this result, or an event. */
export type Piece =
  | { readonly is: "begun"; readonly result: Streamed }
  | { readonly is: "event"; readonly event: RunStreamEvent };

export function streamOf({ pieces, output, options }: LiveStream, app: unknown): Streamed {
  const { signal } = (options ?? {}) as { readonly signal?: AbortSignal };
  const { agent } = agentAppOf(app)!;
  const { RunContext, RunState, StreamedRunResult } = copyOf(agent).agents;
  const state: State = new RunState(new RunContext<unknown>(), "", agent, null);
  const given = { state, ...(signal && { signal }) } as { readonly state: State };
  const shown = new StreamedRunResult(given) as Streamed & Fed;
  void follow(shown, pieces as AsyncIterable<Piece>, output).catch((error: unknown) => {
    // To who aborted it, it has just ended, as in the SDK.
    if (signal?.aborted && error === signal.reason) shown._done();
    else shown._raiseError(error, { preserveQueuedItems: true });
  });
  return shown;
}

async function follow(
  shown: Streamed & Fed,
  pieces: AsyncIterable<Piece>,
  output: Promise<unknown>,
): Promise<void> {
  let under: Streamed | undefined;
  for await (const piece of pieces) {
    if (piece.is === "begun") {
      under = piece.result;
      show(shown, under.state);
      shown.maxTurns = under.maxTurns;
    } else shown._addItem(piece.event);
    shown.currentTurn = under?.currentTurn ?? 0;
  }
  const { state } = (await output) as RunResult<unknown, AnyAgent>;
  show(shown, state);
  shown.currentTurn = state._currentTurn;
  shown._done();
}

function show(shown: Streamed, state: State): void {
  Reflect.set(shown, "state", state);
}
