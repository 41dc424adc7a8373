/**
 * What a body writes to the state of the session shows when its step returns, not while it runs. So
 * branches beside it see it at the same point live and on replay, which does it again at that point.
 */
import type { State } from "@google/adk";
import { type Acting, type ActionsMoment, isRecord } from "./action-delta.ts";

export interface Isolation {
  /** From now on the context writes to the session again. What it wrote so far shows. */
  end(): void;
  /** Shows the body what an event that it gave sets. */
  show(stateDelta: Readonly<Record<string, unknown>>): void;
}

/** @param before what had been done when the body began */
export function isolateState(context: Acting, before: ActionsMoment): Isolation {
  const { state, actions } = context;
  const seen = state.toRecord();
  const Same = state.constructor as new (
    value: Record<string, unknown>,
    delta: Record<string, unknown>,
    schema: unknown,
  ) => State;
  const own = new Same(seen, actions.stateDelta, Reflect.get(state, "schema"));
  Reflect.set(context, STATE, own);
  let isOver = false;
  return {
    end() {
      if (isOver) return;
      isOver = true;
      Reflect.set(context, STATE, state);
      const { stateDelta } = before.delta() ?? {};
      if (isRecord(stateDelta)) state.update(stateDelta);
    },
    show: (stateDelta) => void Object.assign(seen, stateDelta),
  };
}

/** Where the contexts of tools and of nodes both keep their state, typed as private. */
const STATE = "_state";
