/**
 * What a tool or node did to the state of its framework beside what it returned. ADK keeps it in an
 * `actions` object that others go on writing to, so it is taken at once and as plain data. Invariant: what
 * was changed in place is told as what was set anew.
 */
import type { EventActions, InvocationContext, State } from "@google/adk";
import type { RunContext } from "@holdfast/core/adapter";
import { plainCopy } from "./plain-copy.ts";

export type ActionDelta = Readonly<Record<string, unknown>>;

/** A tool's context, or a node's. */
export interface Acting {
  readonly actions: EventActions;
  readonly state: State;
  readonly invocationContext: Pick<InvocationContext, "endInvocation">;
}

/** Actions as they are now. */
export function copyActions(actions: EventActions): EventActions {
  const copied = Object.entries(actions).map(([name, value]) => [
    name,
    isRecord(value) ? { ...value } : value,
  ]);
  return Object.fromEntries(copied) as EventActions;
}

/** A value that others hold and may change, and what it was. */
interface Seen {
  readonly value: unknown;
  readonly was: unknown;
}

/** Of one field of the actions: what it was, or, by key, what its parts were. */
type Field = Seen | ReadonlyMap<string, Seen>;

/** What had been done at one moment. */
export class ActionsMoment {
  readonly #run: RunContext;
  readonly #acting: Acting;
  readonly #seen: ReadonlyMap<string, Field>;
  readonly #hadEnded: boolean;

  constructor(run: RunContext, acting: Acting) {
    this.#run = run;
    this.#acting = acting;
    this.#hadEnded = acting.invocationContext.endInvocation;
    const see = (value: unknown): Seen => ({ value, was: plainCopy(run, value) });
    const fieldOf = (value: unknown): Field =>
      isRecord(value)
        ? new Map(Object.entries(value).map(([key, part]) => [key, see(part)]))
        : see(value);
    const fields = Object.entries(acting.actions);
    this.#seen = new Map(fields.map(([name, value]) => [name, fieldOf(value)]));
  }

  /** Has actions be as they were, in the objects that others may hold. */
  restore(): void {
    const { actions } = this.#acting;
    for (const [name, value] of Object.entries(actions)) {
      const had = this.#seen.get(name);
      if (had === undefined) Reflect.deleteProperty(actions, name);
      else if (!isParts(had)) Reflect.set(actions, name, this.#restored(had));
      else {
        const parts = isRecord(value) ? value : {};
        for (const key of Object.keys(parts)) Reflect.deleteProperty(parts, key);
        for (const [key, part] of had) parts[key] = this.#restored(part);
        Reflect.set(actions, name, parts);
      }
    }
  }

  /** What was added or changed since; undefined if nothing was. */
  delta(): ActionDelta | undefined {
    const { actions, invocationContext } = this.#acting;
    const changes: [string, unknown][] = Object.entries(actions).flatMap(([name, value]) => {
      const had = this.#seen.get(name);
      if (!isRecord(value)) return isParts(had) || this.#isNew(had, value) ? [[name, value]] : [];
      const changed = Object.entries(value).filter(([key, part]) =>
        this.#isNew(isParts(had) ? had.get(key) : undefined, part),
      );
      if (changed.length === 0) return [];
      // Of a class of their own, but with plain fields.
      const isRequest = name === "requestedToolConfirmations";
      const plain = isRequest ? changed.map(([id, of]) => [id, { ...Object(of) }]) : changed;
      return [[name, Object.fromEntries(plain)]];
    });
    if (invocationContext.endInvocation && !this.#hadEnded) changes.push([ENDS, true]);
    return changes.length === 0 ? undefined : Object.fromEntries(changes);
  }

  #isNew(had: Seen | undefined, now: unknown): boolean {
    return had?.value !== now || (had !== undefined && this.#hasChanged(had));
  }

  #hasChanged({ value, was }: Seen): boolean {
    if (value === was) return false;
    const { codec } = this.#run;
    try {
      return codec.encode(value).text !== codec.encode(was).text;
    } catch {
      return true;
    }
  }

  #restored(seen: Seen): unknown {
    return this.#hasChanged(seen) ? plainCopy(this.#run, seen.was) : seen.value;
  }
}

/** Among what was done to the actions: no name of theirs. */
const ENDS = "endInvocation";

/** Does it again. */
export function applyActionDelta(
  { actions, state, invocationContext }: Acting,
  delta: ActionDelta,
): void {
  const { stateDelta, [ENDS]: ends, ...rest } = delta;
  if (isRecord(stateDelta)) state.update(stateDelta);
  if (ends === true) invocationContext.endInvocation = true;
  for (const [name, value] of Object.entries(rest)) {
    const target: unknown = Reflect.get(actions, name);
    if (isRecord(value) && isRecord(target)) Object.assign(target, value);
    else Reflect.set(actions, name, value);
  }
}

function isParts(had: Field | undefined): had is ReadonlyMap<string, Seen> {
  return had instanceof Map;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
