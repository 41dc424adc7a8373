/** The open questions of a run, as those see them who can answer. */
import type { Codec } from "../codec/index.ts";
import type { Wait } from "../store/index.ts";

export interface WaitView {
  /** Its number: for `approve`, `reject` and `respond`. */
  readonly id: number;
  /** `approval`, `input`, `signal`, `timer`, or `doubt` about a step. */
  readonly kind: string;
  readonly name: string;
  /** What is asked: an answer is bound to it. Nothing if it cannot be read here. */
  readonly asked?: unknown;
  readonly since: Date;
  /** When it falls due, by the clock of the database. */
  readonly dueInMs?: number;
}

export function waitView(
  { seq, kind, name, body, openedAt, dueInMs }: Wait,
  codec: Codec,
): WaitView {
  return {
    id: seq,
    kind,
    name,
    since: openedAt,
    ...readable(body, codec),
    ...(dueInMs === undefined ? {} : { dueInMs }),
  };
}

/** A class that is not known here keeps nobody from deciding. */
function readable(body: string | undefined, codec: Codec): { readonly asked?: unknown } {
  if (body === undefined) return {};
  try {
    return { asked: codec.decode(body) };
  } catch {
    return {};
  }
}
