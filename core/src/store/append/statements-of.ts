/** What must be sent for a plan, in order: content before what refers to it, all locks in one order. */
import type { Plan } from "./plan.ts";
import type { Row, RunHold } from "./row.ts";
import {
  CLOSE_WAITS,
  INSERT_ITEMS,
  INSERT_LISTS,
  INSERT_STEPS,
  LOCK_RUNS,
  OPEN_WAITS,
  WRITE_SESSIONS,
  WRITE_STATES,
} from "./statements.ts";

export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
  /** Which rows it returns as accepted; none if undefined. */
  readonly into?: Row["into"];
}

export function statementsOf(plan: Plan): readonly Statement[] {
  const { items, lists, entries, waits, closings, sessions, states } = plan;
  const statements: Statement[] = [];
  if (items.length > 0) {
    statements.push({
      ...INSERT_ITEMS,
      values: [
        ...distinctKeys(items, "spaceId"),
        items.map(({ hold }) => hold.spaceId),
        items.map(({ sweeps }) => sweeps),
        items.map(({ hash }) => hash),
        items.map(({ hold, text }) => hold.cipher.seal(text)),
      ],
    });
  }
  if (lists.length > 0) {
    statements.push({
      ...INSERT_LISTS,
      values: [
        ...distinctKeys(lists, "spaceId"),
        lists.map(({ hold }) => hold.spaceId),
        lists.map(({ sweeps }) => sweeps),
        lists.map(({ node }) => node.hash),
        lists.map(({ node }) => node.parent),
        lists.map(({ node }) => node.keep),
        lists.map(({ node }) => node.delta),
      ],
    });
  }
  if (states.length > 0) {
    const written = [...entries, ...waits, ...closings, ...sessions, ...states];
    statements.push({ ...LOCK_RUNS, values: distinctKeys(written, "runId") });
  }
  if (entries.length > 0) {
    statements.push({
      ...INSERT_STEPS,
      into: "steps",
      values: [
        ...fence(entries),
        entries.map(({ row }) => row.seq),
        entries.map(({ row }) => row.entry),
        entries.map(({ row }) => row.step),
        entries.map(({ row }) => row.kind),
        entries.map(({ row }) => row.name),
        entries.map(({ row }) => row.scope),
        entries.map(({ row }) => row.callId),
        entries.map(({ row }) => row.hash),
        entries.map(({ row }) => row.overlapped),
        entries.map(({ row }) => row.list?.hash ?? null),
        entries.map(({ row }) => row.value.body),
        entries.map(({ row }) => row.value.item?.hash ?? null),
      ],
    });
  }
  if (waits.length > 0) {
    statements.push({
      ...OPEN_WAITS,
      into: "waits",
      values: [
        ...fence(waits),
        waits.map(({ row }) => row.seq),
        waits.map(({ row }) => row.kind),
        waits.map(({ row }) => row.name),
        waits.map(({ row }) => row.fingerprint),
        waits.map(({ row }) => row.value.body),
        waits.map(({ row }) => row.dueInMs),
      ],
    });
  }
  if (closings.length > 0) {
    statements.push({
      ...CLOSE_WAITS,
      into: "closings",
      values: [...fence(closings), closings.map(({ seq }) => seq)],
    });
  }
  if (sessions.length > 0) {
    statements.push({
      ...WRITE_SESSIONS,
      into: "sessions",
      values: [
        ...fence(sessions),
        sessions.map(({ row }) => row.slot),
        sessions.map(({ row }) => row.list?.hash ?? null),
        sessions.map(({ row }) => row.value.body),
        sessions.map(({ row }) => row.value.item?.hash ?? null),
      ],
    });
  }
  if (states.length > 0) {
    statements.push({
      ...WRITE_STATES,
      into: "runs",
      values: [
        ...fence(states),
        states.map(({ row }) => row.status),
        states.map(({ row }) => row.value.body),
        states.map(({ row }) => row.release),
        states.map(({ row }) => row.readyInMs),
        states.map(({ row }) => row.heardUpTo),
        states.map(({ row }) => row.blocked),
      ],
    });
  }
  return statements;
}

interface Holding {
  readonly hold: RunHold;
}

/** The runs that are written to, and of each row its run, epoch and sweep: what the fence compares. */
function fence(rows: readonly Holding[]): unknown[] {
  return [
    ...distinctKeys(rows, "runId"),
    rows.map(({ hold }) => hold.runId),
    rows.map(({ hold }) => hold.epoch),
    rows.map(({ hold }) => hold.sweeps),
  ];
}

/** The buckets and ids of what the rows belong to, each once, side by side. */
function distinctKeys(
  rows: readonly Holding[],
  id: "runId" | "spaceId",
): [buckets: number[], ids: string[]] {
  const buckets = new Map(rows.map(({ hold }) => [hold[id], hold.bucket]));
  return [[...buckets.values()], [...buckets.keys()]];
}
