/** What is said to runs in memory, and the waits it is said on. */
import type { Control, NewControl, Said } from "../control/control.ts";
import { refuseUnstorable } from "../store-errors.ts";
import type { OpenWait, Wait } from "../waits/wait.ts";
import type { MemoryDatabase, RunRows, WaitRow } from "./memory-database.ts";
import { tell } from "./memory-ready.ts";

export function sayTo(database: MemoryDatabase, rows: RunRows, message: NewControl): Said {
  const { key, kind, name, value, author, on } = message;
  refuseUnstorable(rows.run.runId, {
    key,
    kind,
    name,
    value,
    author,
    fingerprint: on?.fingerprint,
  });
  const said = rows.control;
  const winner = said.find((control) => control.key === key);
  const at = database.now();
  if (winner !== undefined || (on !== undefined && !holds(rows, on, at))) {
    return { won: false, control: winner };
  }
  const control: Control = { seq: said.length + 1, key, kind, name, value, author, at };
  said.push(control);
  tell(database, { said: [rows.run.runId] });
  if (rows.run.status === "waiting" && rows.run.workerId === undefined) {
    rows.readyAt = at;
    tell(database, { ready: [rows.run.app] });
  }
  return { won: true, control };
}

function holds({ waits }: RunRows, on: OpenWait, now: Date): boolean {
  const wait = waits.get(on.wait);
  if (wait === undefined || wait.isClosed) return false;
  if (on.fingerprint !== undefined && on.fingerprint !== wait.fingerprint) return false;
  const isDue = wait.dueAt !== undefined && wait.dueAt.getTime() <= now.getTime();
  return isDue === (on.while === "due");
}

export function openWaits({ waits }: RunRows, now: Date): readonly Wait[] {
  return [...waits.values()]
    .filter(({ isClosed }) => !isClosed)
    .map((row) => toWait(row, now))
    .sort((a, b) => a.seq - b.seq);
}

function toWait({ isClosed: _, dueAt, ...asked }: WaitRow, now: Date): Wait {
  return { ...asked, dueInMs: dueAt && dueAt.getTime() - now.getTime() };
}
