/**
 * What a body writes to the state of the session shows when its step returns, not while it runs. So
 * branches beside it see it at the same point live and on replay, which does it again at that point.
 */
import type { State } from "@google/adk";
import type { Acting } from "./action-delta.ts";

export interface Isolation {
  /** From now on the context writes to the session again. What it wrote so far shows. */
  end(): void;
}

export function isolateState(context: Acting): Isolation {
  const { state, actions } = context;
  const before = { ...actions.stateDelta };
  const Same = state.constructor as new (
    value: Record<string, unknown>,
    delta: Record<string, unknown>,
    schema: unknown,
  ) => State;
  const own = new Same(state.toRecord(), actions.stateDelta, Reflect.get(state, "schema"));
  Reflect.set(context, STATE, own);
  let isOver = false;
  return {
    end() {
      if (isOver) return;
      isOver = true;
      Reflect.set(context, STATE, state);
      const written = Object.entries(actions.stateDelta).filter(
        ([key, value]) => !(Object.hasOwn(before, key) && before[key] === value),
      );
      if (written.length > 0) state.update(Object.fromEntries(written));
    },
  };
}

/** Where the contexts of tools and of nodes both keep their state, typed as private. */
const STATE = "_state";
