/**
 * Sessions of the user's own, each call of one a step. Invariants: the session is not changed, and asked
 * for nothing that is on record; what a dead process had added is not added again.
 */
import { isDeepStrictEqual } from "node:util";
import { findRun, type RunContext } from "@holdfast/core/adapter";
import type { AgentInputItem, Session } from "@openai/agents";
import { liveStep } from "./live-step.ts";
import { RunSession } from "./run-session.ts";

const CALLS: ReadonlySet<PropertyKey> = new Set([
  "getItems",
  "addItems",
  "popItem",
  "clearSession",
  "replaceHistoryWithCompaction",
  "applyHistoryMutations",
  "applyHistoryTransaction",
  "runCompaction",
]);

/** They hand out objects that mean this process. Without them, the SDK does the same with those above. */
const HIDDEN: ReadonlySet<PropertyKey> = new Set([
  "getItemsWithCompactionOwnership",
  "addItemsWithCompactionOwnership",
]);

const known = new WeakMap<Session, Session>();

type Method = (...args: unknown[]) => unknown;

export function durableSession(session: Session): Session {
  if (session instanceof RunSession) return session;
  const made = known.get(session) ?? standIn(session);
  known.set(session, made);
  known.set(made, made);
  return made;
}

function standIn(session: Session): Session {
  const methods = new Map<PropertyKey, Method>();
  return new Proxy(session, {
    has: (_, name) => !HIDDEN.has(name) && Reflect.has(session, name),
    get(_, name) {
      if (HIDDEN.has(name)) return undefined;
      const value: unknown = Reflect.get(session, name);
      if (typeof value !== "function") return value;
      const method = methods.get(name) ?? methodOf(session, name, value as Method);
      methods.set(name, method);
      return method;
    },
  });
}

function methodOf(session: Session, name: PropertyKey, method: Method): Method {
  return (...args) => {
    const original = () => method.apply(session, args);
    const run = CALLS.has(name) ? findRun() : undefined;
    return run === undefined ? original() : sessionStep(run, session, String(name), args, original);
  };
}

function sessionStep(
  run: RunContext,
  session: Session,
  name: string,
  args: readonly unknown[],
  original: () => unknown,
): Promise<unknown> {
  const input = args.filter((arg) => !isRunContext(arg)).map(withoutOperationId);
  return liveStep(run, {
    kind: "session",
    name,
    input,
    async body() {
      const added = addedBy(args[0]);
      // Of what a process did right before it died, the journal may not even have that it began.
      const isFirst = run.writer.epoch <= 1;
      if (!isFirst && added !== undefined && (await endsWith(session, added))) return undefined;
      return original();
    },
  });
}

/** Drawn anew in every execution. */
function withoutOperationId(arg: unknown): unknown {
  if (typeof arg !== "object" || arg === null || !("operationId" in arg)) return arg;
  const { operationId: _, ...rest } = arg;
  return rest;
}

/** What a session ends with once the call is done, of calls that add to it. */
function addedBy(arg: unknown): readonly AgentInputItem[] | undefined {
  if (Array.isArray(arg)) return arg;
  if (typeof arg !== "object" || arg === null || !("transaction" in arg)) return undefined;
  const { items, replacement } = arg.transaction as {
    readonly items?: AgentInputItem[];
    readonly replacement?: AgentInputItem[];
  };
  return items ?? replacement;
}

/** What the session's backend made of the items counts as what they are, if the session says so. */
async function endsWith(session: Session, items: readonly AgentInputItem[]): Promise<boolean> {
  const comparable = (list: readonly AgentInputItem[]) =>
    JSON.parse(
      JSON.stringify(session.prepareHistoryItemsForPersistenceComparison?.([...list]) ?? list),
    ) as unknown;
  const last = await session.getItems(items.length);
  return isDeepStrictEqual(comparable(last), comparable(items));
}

function isRunContext(arg: unknown): boolean {
  return typeof arg === "object" && arg !== null && "isToolApproved" in arg;
}
