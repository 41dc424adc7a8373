/**
 * A function in a workflow is a step: what it gives, piece by piece, and what it had done to its
 * context by each piece. One that runs other nodes, emits events itself or asks the user something is
 * no step but a place for them: it runs again, over the records of what happens inside.
 */
import { type Event, type FunctionNode, isRequestInput, type NodeContext } from "@google/adk";
import { streamedStep } from "@holdfast/core/adapter";
import { type ActionDelta, actionDelta, applyActionDelta, copyActions } from "./action-delta.ts";
import type { AdkCopy } from "./copies.ts";
import { type Around, intercept } from "./intercept.ts";
import { eventOf, isEvent, plainEvent } from "./plain-event.ts";

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

/** Thrown by the body of a node that turned out to be no step. */
const IS_PLACE = Symbol("The node is a place for others.");

const functionNodeStep: Around<FunctionNode, [NodeContext, unknown], Items> = async function* (
  { run, target, original },
  context,
  input,
) {
  const pieces = streamedStep<Piece>(run, {
    kind: "node",
    name: target.name,
    input: [input],
    leaves: (thrown) => thrown === IS_PLACE,
    // ADK writes to an event that it is given.
    keep: (piece) =>
      piece.event === undefined ? piece : { ...piece, event: plainEvent(piece.event) },
    stream: () => piecesOf(context, original(context, input)),
  });
  try {
    for await (const piece of pieces) yield again(context, piece);
  } catch (thrown) {
    if (thrown !== IS_PLACE) throw thrown;
  }
};

async function* piecesOf(context: NodeContext, items: Items): AsyncGenerator<Piece, void> {
  const usesEngine = watchEngine(context);
  let isPlace = false;
  try {
    for (;;) {
      const before = { actions: copyActions(context.actions), ...stateOf(context) };
      const next = await items.next();
      if (next.done) break;
      isPlace ||= isRequestInput(next.value);
      const actions = actionDelta(before.actions, context.actions);
      const changed = Object.entries(stateOf(context)).filter(
        ([name, value]) => value !== Reflect.get(before, name),
      );
      yield {
        ...(isEvent(next.value) ? { event: next.value } : { item: next.value }),
        ...(actions === undefined ? {} : { actions }),
        ...(changed.length === 0 ? {} : { context: Object.fromEntries(changed) }),
      };
    }
  } finally {
    isPlace ||= usesEngine.stop();
  }
  if (isPlace) throw IS_PLACE;
}

/** Does to the context what the function did, if that is not done, and gives what it gave. */
function again(context: NodeContext, piece: Piece): unknown {
  if (piece.actions !== undefined) applyActionDelta(context, piece.actions);
  Object.assign(context, piece.context);
  if (piece.event === undefined) return piece.item;
  return isEvent(piece.event) ? piece.event : eventOf(piece.event);
}

function stateOf({ output, route }: NodeContext): ContextState {
  return { output, route };
}

/** Finds out whether a function has the engine do something; `stop` says so, and leaves no trace. */
function watchEngine(context: NodeContext): { stop(): boolean } {
  let isUsed = false;
  const watched = ["runNode", "emit"] as const;
  for (const name of watched) {
    const method: (...parameters: never[]) => unknown = context[name];
    const value = (...parameters: never[]) => {
      isUsed = true;
      return method.apply(context, parameters);
    };
    Object.defineProperty(context, name, { value, configurable: true });
  }
  return {
    stop: () => {
      for (const name of watched) Reflect.deleteProperty(context, name);
      return isUsed;
    },
  };
}
