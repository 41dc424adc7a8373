/**
 * Says to a wait what was decided about it. Invariant: the first decision counts, whoever makes it and
 * wherever; the others are told whose it was.
 */
import type { Codec } from "../codec/index.ts";
import { HoldfastError } from "../errors/index.ts";
import type { Wait } from "../store/index.ts";
import { waitKey } from "../wait/waits.ts";
import type { Opened } from "./opened.ts";

interface WaitFacts {
  readonly seq: number;
  /** The step in doubt, of a wait about one. */
  readonly step: number | undefined;
}

/** The open wait that is meant. Throws WAIT_NOT_OPEN if there is none, WAIT_AMBIGUOUS if several. */
export async function findWait(
  { store, codec }: Opened,
  runId: string,
  kind: string,
  isMeant: (facts: WaitFacts) => boolean,
  asked: number | undefined,
): Promise<Wait> {
  const open = await store.waits(runId);
  const found = open.filter((wait) => {
    if (wait.kind !== kind) return false;
    return isMeant({ seq: wait.seq, step: kind === "doubt" ? stepOf(codec, wait) : undefined });
  });
  const [wait] = found;
  if (wait !== undefined && found.length === 1) return wait;
  const list = open.map(({ seq, kind: of, name }) => `${seq} (${of} "${name}")`).join(", ");
  const details = { runId, kind, open: open.map(({ seq }) => seq) };
  if (wait !== undefined) {
    throw new HoldfastError(
      "WAIT_AMBIGUOUS",
      `Run ${runId} has several open waits of kind ${kind}: ${list}.`,
      {
        hint: "Say which one by its number.",
        details,
      },
    );
  }
  throw new HoldfastError(
    "WAIT_NOT_OPEN",
    `Run ${runId} has no open wait of kind ${kind}${asked === undefined ? "" : ` for ${asked}`}. Open: ${list || "none"}.`,
    {
      hint: "It may have been answered, have expired, or not have been asked yet: see handle.status().",
      details,
    },
  );
}

/** Of other questions, what is asked may be of classes that only the app's process knows. */
function stepOf(codec: Codec, { body }: Wait): number | undefined {
  if (body === undefined) return undefined;
  return (codec.decode(body) as { readonly step: number }).step;
}

interface Decision {
  readonly value: unknown;
  readonly by: string | undefined;
  /** Whether it may be given by several who say the same. Default: only the first one counts. */
  readonly again?: boolean;
}

export async function decide(
  { store, codec, poller }: Opened,
  runId: string,
  { seq, kind, name, fingerprint }: Wait,
  { value, by, again = false }: Decision,
): Promise<void> {
  const { text } = codec.encode(value);
  const { won, control } = await store.say(runId, {
    key: waitKey(seq),
    kind: "decision",
    value: text,
    on: { wait: seq, while: "open", fingerprint },
    ...(by === undefined ? {} : { author: by }),
  });
  if (won) {
    await poller.look();
    return;
  }
  const before = control?.value;
  const isSame = () => before && codec.canonicalText(before) === codec.canonicalText(text);
  if (again && isSame()) return;
  const winner =
    control === undefined
      ? "it has expired"
      : `${control.author ?? "somebody"} decided at ${control.at.toISOString()}`;
  throw new HoldfastError(
    "WAIT_NOT_OPEN",
    `Wait ${seq} (${kind} "${name}") of run ${runId} is closed: ${winner}.`,
    {
      hint: "The first decision counts. See handle.steps() for what became of it.",
      details: { runId, wait: seq, by: control?.author, at: control?.at },
    },
  );
}
