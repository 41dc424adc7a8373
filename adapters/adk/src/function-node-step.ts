/**
 * A function in a workflow is a step: what it gives, piece by piece, and what it had done to its
 * context by each piece. One that runs other nodes, emits events itself or asks the user something is
 * no step but a place for them: it runs again, over the records of what happens inside.
 */
import { type Event, type FunctionNode, isRequestInput, type NodeContext } from "@google/adk";
import { type Around, type RunContext, streamedStep } from "@holdfast/core/adapter";
import { type ActionDelta, ActionsMoment, applyActionDelta } from "./action-delta.ts";
import type { AdkCopy } from "./copies.ts";
import { stableId } from "./event-stamps.ts";
import { intercept } from "./intercept.ts";
import { traceToModel } from "./model-failures.ts";
import { eventOf, isEvent, plainEvent } from "./plain-event.ts";
import { type Isolation, isolateState } from "./state-isolation.ts";

type Items = AsyncGenerator<unknown, void, undefined>;

/** What a function gave, and what it did to its context since the piece before. */
interface Piece {
  readonly item?: unknown;
  /** Instead of an item that is an event. */
  readonly event?: Event;
  readonly actions?: ActionDelta;
  readonly context?: Partial<ContextState>;
}

interface ContextState {
  readonly output: unknown;
  readonly route: NodeContext["route"] | undefined;
}

export function interceptFunctionNodes({ FunctionNode }: AdkCopy): void {
  intercept(FunctionNode.prototype, "runImpl", functionNodeStep);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Thrown by the body of a node that turned out to be no step. */
const IS_PLACE = Symbol("The node is a place for others.");

const functionNodeStep: Around<FunctionNode, [NodeContext, unknown], Items> = async function* (
  { run, target, original },
  context,
  input,
) {
  const before = momentOf(run, context);
  const place = run.path;
  const idOf = (nth: number) => stableId(run, "interrupt", place, nth);
  let isolation: Isolation | undefined;
  const engine = watchEngine(context, () => isolation?.end());
  const pieces = streamedStep<Piece>(run, {
    kind: "node",
    name: target.name,
    input: [input],
    // Of what failed inside there is a record of its own; and asking is no failure.
    leaves: (thrown) => thrown === IS_PLACE || engine.isUsed,
    // Others see what a step gives when it is durable, what a place gives at once.
    holdFrom: () => !engine.isUsed,
    // ADK writes to an event that it is given.
    keep: (piece) =>
      piece.event === undefined ? piece : { ...piece, event: plainEvent(piece.event) },
    stream() {
      isolation = isolateState(context, before.actions);
      const give = { run, context, engine, isolation, interruptId: idOf };
      return piecesOf(give, original(context, input));
    },
  });
  let isBodyOver = false;
  const endBody = () => {
    if (isBodyOver) return;
    isBodyOver = true;
    // What a step did to its context is done piece by piece, live as on replay.
    if (!engine.isUsed) rewind(context, before);
    isolation?.end();
    engine.unwatch();
  };
  try {
    for await (const piece of pieces) {
      if (!engine.isUsed) {
        endBody();
        again(context, piece);
      }
      yield itemOf(piece);
    }
  } catch (thrown) {
    if (thrown === IS_PLACE) return;
    if (engine.isUsed) traceToModel(run, place, thrown);
    throw thrown;
  } finally {
    endBody();
  }
};

interface Giving {
  readonly run: RunContext;
  readonly context: NodeContext;
  readonly engine: EngineWatch;
  readonly isolation: Isolation;
  readonly interruptId: (nth: number) => string;
}

async function* piecesOf(
  { run, context, engine, isolation, interruptId }: Giving,
  items: Items,
): AsyncGenerator<Piece, void> {
  let asked = 0;
  for (;;) {
    const before = momentOf(run, context);
    const next = await items.next();
    if (next.done) break;
    if (isRequestInput(next.value)) {
      asked += 1;
      // Drawn at random unless the user says it: whoever has read it may answer a later execution.
      const request: { interruptId: string } = next.value;
      if (UUID.test(request.interruptId)) request.interruptId = interruptId(asked);
    }
    const actions = before.actions.delta();
    const changed = Object.entries(stateOf(context)).filter(
      ([name, value]) => value !== Reflect.get(before.state, name),
    );
    yield {
      ...(isEvent(next.value) ? { event: next.value } : { item: next.value }),
      ...(actions === undefined ? {} : { actions }),
      ...(changed.length === 0 ? {} : { context: Object.fromEntries(changed) }),
    };
    // As if it were with the session by now.
    if (isEvent(next.value)) isolation.show(next.value.actions.stateDelta);
  }
  if (asked > 0 || engine.isUsed) throw IS_PLACE;
}

interface Moment {
  readonly actions: ActionsMoment;
  readonly state: ContextState;
}

function momentOf(run: RunContext, context: NodeContext): Moment {
  return { actions: new ActionsMoment(run, context), state: stateOf(context) };
}

function stateOf({ output, route }: NodeContext): ContextState {
  return { output, route };
}

/** Has the context be as it was. */
function rewind(context: NodeContext, { actions, state }: Moment): void {
  actions.restore();
  Object.assign(context, state);
}

/** Does to the context what the function did. */
function again(context: NodeContext, { actions, context: changed }: Piece): void {
  if (actions !== undefined) applyActionDelta(context, actions);
  Object.assign(context, changed);
}

function itemOf({ item, event }: Piece): unknown {
  if (event === undefined) return item;
  return isEvent(event) ? event : eventOf(event);
}

interface EngineWatch {
  readonly isUsed: boolean;
  unwatch(): void;
}

/** Finds out whether a function has the engine do something. */
function watchEngine(context: NodeContext, onUse: () => void): EngineWatch {
  let isUsed = false;
  const watched = ["runNode", "emit"] as const;
  for (const name of watched) {
    const method: (...parameters: never[]) => unknown = context[name];
    const value = (...parameters: never[]) => {
      isUsed = true;
      onUse();
      return method.apply(context, parameters);
    };
    Object.defineProperty(context, name, { value, configurable: true });
  }
  return {
    get isUsed() {
      return isUsed;
    },
    unwatch: () => {
      for (const name of watched) Reflect.deleteProperty(context, name);
    },
  };
}
