/**
 * What happened in a run, from a cursor on, and what happens while one looks. Invariant: every event
 * is durable before it is told, and is told once; a cursor is where the journal and what others said
 * had got to, so reading can go on from it in any process.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Codec } from "../codec/index.ts";
import { HoldfastError } from "../errors/index.ts";
import type { Delta, Deltas } from "../run/deltas.ts";
import { entryText } from "../run/output.ts";
import type { Control, Entry, Store } from "../store/index.ts";
import { isOver } from "../store/run-status.ts";

export interface RunEvent {
  /** Where reading goes on after this event. */
  readonly cursor: string;
  /** What happened: `started`, `finished`, `attempt`, …; what somebody said has the type `said`. */
  readonly type: string;
  readonly at: Date;
  /** The step it is about. */
  readonly step?: number;
  readonly kind?: string;
  readonly name?: string;
  readonly scope?: string;
  readonly value?: unknown;
  /** Of a piece of a result that is still being made: which try of its step, and the how-manieth. */
  readonly try?: number;
  readonly nth?: number;
  /** Who said it. */
  readonly by?: string;
}

export interface EventSource {
  readonly store: Store;
  readonly codec: Codec;
  readonly deltas: Deltas;
  readonly runId: string;
}

const POLL_MS = 100;

/**
 * Ends when the run is over and everything was told. Pieces of results that this process makes are told
 * as they come, as `delta`; they are not durable, and void when a `reset` of their step follows.
 */
export async function* runEvents(
  { store, codec, deltas, runId }: EventSource,
  after: string | undefined,
): AsyncGenerator<RunEvent, void, undefined> {
  let [seq, said] = parseCursor(after);
  const pieces: Delta[] = [];
  const unlisten = deltas.listen(runId, (delta) => pieces.push(delta));
  try {
    for (;;) {
      // Looked at first: what happened until then is told below.
      const run = await store.run(runId);
      let told = pieces.length;
      for (const piece of pieces.splice(0)) yield deltaEvent(piece, `${seq}.${said}`);
      const controls = [...(await store.said(runId, { after: said }))];
      told += controls.length;
      function* saidUntil(at?: Date): Generator<RunEvent> {
        while (controls[0] !== undefined && (at === undefined || controls[0].at <= at)) {
          const control = controls.shift()!;
          said = control.seq;
          yield controlEvent(control, `${seq}.${said}`, codec);
        }
      }
      for await (const entry of store.journal(runId, { after: seq })) {
        yield* saidUntil(entry.at);
        seq = entry.seq;
        told += 1;
        const value = run && (await entryText(store, run.spaceId, entry));
        yield journalEvent({ ...entry, value }, `${seq}.${said}`, codec);
      }
      yield* saidUntil();
      if (run === undefined || (isOver(run.status) && told === 0)) return;
      if (told === 0) await sleep(POLL_MS);
    }
  } finally {
    unlisten();
  }
}

function deltaEvent({ type, step, nth, value, try: tries }: Delta, cursor: string): RunEvent {
  const event = { cursor, type, at: new Date(), step, try: tries, nth };
  return value === undefined ? event : { ...event, value };
}

function journalEvent(entry: Entry, cursor: string, codec: Codec): RunEvent {
  const { kind, name, scope, value, at } = entry;
  const step = entry.entry === "started" ? entry.seq : entry.step;
  return {
    cursor,
    type: entry.entry,
    at,
    ...(step === undefined ? {} : { step }),
    ...(kind === undefined ? {} : { kind }),
    ...(name === undefined ? {} : { name }),
    ...(scope === undefined ? {} : { scope }),
    ...(value === undefined ? {} : { value: codec.decode(value) }),
  };
}

function controlEvent(
  { kind, name, value, author, at }: Control,
  cursor: string,
  codec: Codec,
): RunEvent {
  return {
    cursor,
    type: "said",
    at,
    kind,
    ...(name === undefined ? {} : { name }),
    ...(author === undefined ? {} : { by: author }),
    ...(value === undefined ? {} : { value: codec.decode(value) }),
  };
}

function parseCursor(cursor: string | undefined): [seq: number, said: number] {
  if (cursor === undefined) return [0, 0];
  const match = /^(\d+)\.(\d+)$/.exec(cursor);
  if (match !== null) return [Number(match[1]), Number(match[2])];
  throw new HoldfastError("OPTION_INVALID", `"${cursor}" is no cursor of a run's events.`, {
    hint: "Give the `cursor` of the last event you have seen, or nothing to read from the beginning.",
    details: { cursor },
  });
}
