/**
 * What a tool or node did to the state of its framework beside what it returned. ADK keeps it in an
 * `actions` object that others go on writing to, so it is taken at once and as plain data.
 */
import type { EventActions, State } from "@google/adk";

export type ActionDelta = Readonly<Record<string, unknown>>;

/** A tool's context, or a node's. */
export interface Acting {
  readonly actions: EventActions;
  readonly state: State;
}

/** Actions as they are now. */
export function copyActions(actions: EventActions): EventActions {
  const copied = Object.entries(actions).map(([name, value]) => [
    name,
    isRecord(value) ? { ...value } : value,
  ]);
  return Object.fromEntries(copied) as EventActions;
}

/** Has actions be as they were, in the objects that others may hold. */
export function restoreActions(actions: EventActions, before: EventActions): void {
  const earlier = new Map(Object.entries(before));
  for (const [name, value] of Object.entries(actions)) {
    const had = earlier.get(name);
    if (isRecord(value) && isRecord(had)) {
      for (const key of Object.keys(value)) Reflect.deleteProperty(value, key);
      Object.assign(value, had);
    } else if (had === undefined) Reflect.deleteProperty(actions, name);
    else Reflect.set(actions, name, had);
  }
}

/** What was added or changed since; undefined if nothing was. */
export function actionDelta(before: EventActions, now: EventActions): ActionDelta | undefined {
  const earlier = new Map(Object.entries(before));
  const changes = Object.entries(now).flatMap(([name, value]) => {
    const had = earlier.get(name);
    if (value === had) return [];
    if (!isRecord(value)) return [[name, value] as const];
    const changed = changedEntries(isRecord(had) ? had : {}, value);
    if (changed.length === 0) return [];
    // Of a class of their own, but with plain fields.
    const isRequest = name === "requestedToolConfirmations";
    const plain = isRequest ? changed.map(([id, of]) => [id, { ...Object(of) }] as const) : changed;
    return [[name, Object.fromEntries(plain)] as const];
  });
  return changes.length === 0 ? undefined : Object.fromEntries(changes);
}

/** Does it again. */
export function applyActionDelta({ actions, state }: Acting, delta: ActionDelta): void {
  const { stateDelta, ...rest } = delta;
  if (isRecord(stateDelta)) state.update(stateDelta);
  for (const [name, value] of Object.entries(rest)) {
    const target: unknown = Reflect.get(actions, name);
    if (isRecord(value) && isRecord(target)) Object.assign(target, value);
    else Reflect.set(actions, name, value);
  }
}

function changedEntries(
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): readonly (readonly [string, unknown])[] {
  return Object.entries(now).flatMap(([key, value]) =>
    Object.hasOwn(before, key) && before[key] === value ? [] : [[key, value] as const],
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
