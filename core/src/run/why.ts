/** Why a run does not move, as data and as a sentence. */
import type { OpenQuestion } from "../wait/waits.ts";

export type Why =
  | { readonly reason: "wait"; readonly waits: readonly WaitReason[] }
  | { readonly reason: "divergence" | "unreadable"; readonly explanation: string };

export interface WaitReason {
  readonly seq: number;
  readonly kind: string;
  readonly name: string;
}

export function whyWaiting(open: readonly OpenQuestion[]): Why {
  return { reason: "wait", waits: open.map(({ seq, kind, name }) => ({ seq, kind, name })) };
}

/** One sentence a person can act on. */
export function sentence(why: Why): string {
  if (why.reason !== "wait") return why.explanation;
  return why.waits.map(waitSentence).join(" ");
}

function waitSentence({ seq, kind, name }: WaitReason): string {
  switch (kind) {
    case "approval":
      return `"${name}" waits to be approved or rejected (wait ${seq}).`;
    case "input":
      return `"${name}" waits for an answer (wait ${seq}).`;
    case "signal":
      return `Waits for the signal "${name}".`;
    case "timer":
      return "Sleeps.";
    default:
      return `Step "${name}" was under way when its process died: somebody has to settle how it ended (wait ${seq}).`;
  }
}
