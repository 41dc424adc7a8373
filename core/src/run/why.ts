/** Why a run does not move, as data and as a sentence. */
import type { OpenQuestion } from "../wait/waits.ts";

export type Why =
  | { readonly reason: "wait"; readonly waits: readonly WaitReason[] }
  | { readonly reason: "divergence" | "unreadable"; readonly explanation: string }
  /** `by`: who paused it, if that was said. */
  | { readonly reason: "paused"; readonly by?: string; readonly since: Date }
  /** These of its options could not be stored, and nobody who serves its app makes them anew. */
  | { readonly reason: "options"; readonly app: string; readonly missing: readonly string[] }
  | { readonly reason: "no worker"; readonly app: string; readonly queue: string }
  /** All of so many workers that serve it have as many runs as they may have at once. */
  | {
      readonly reason: "busy";
      readonly app: string;
      readonly queue: string;
      readonly workers: number;
    }
  /** It could not be worked on, and is tried again: then, if that is known. */
  | { readonly reason: "back-off"; readonly explanation: string; readonly until?: Date }
  /** Held by a worker that died, until that is certain. Of one that is not known any more: nothing. */
  | {
      readonly reason: "dead worker";
      readonly app: string;
      readonly host: string | undefined;
      readonly pid: number | undefined;
      readonly expiresInMs: number;
    };

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
  switch (why.reason) {
    case "wait":
      return why.waits.map(waitSentence).join(" ");
    case "divergence":
    case "unreadable":
      return why.explanation;
    case "paused": {
      const by = why.by === undefined ? "" : ` by ${why.by}`;
      return `Paused${by} since ${why.since.toISOString()}: it goes on after handle.resume().`;
    }
    case "options":
      return `These options could not be stored, so only the process that started the run has them: ${why.missing.join(", ")}. Serve the app with ${serve(why.app, "{ app, options: (run) => … }")}, or run it by its id where they are.`;
    case "no worker": {
      const queues = why.queue === "default" ? "" : `, { queues: ["${why.queue}"] }`;
      return `No living worker serves "${why.app}" in the queue "${why.queue}": start one with ${serve(why.app, "app", queues)}, or run it by its id.`;
    }
    case "busy": {
      const { app, queue, workers } = why;
      const who =
        workers === 1 ? "The only worker that serves" : `All ${workers} workers that serve`;
      return `${who} "${app}" in the queue "${queue}" can take no more runs: it goes on when one of them is through. Start another worker, or raise the concurrency.`;
    }
    case "back-off": {
      const when = why.until === undefined ? "soon" : `at ${why.until.toISOString()}`;
      return `It could not be worked on, and is tried again ${when}. The reason: ${why.explanation}`;
    }
    case "dead worker": {
      const { app, host, pid, expiresInMs } = why;
      const who =
        host === undefined
          ? "The worker that held it is gone."
          : `Process ${pid} on ${host}, which held it, has died.`;
      const when =
        expiresInMs > 0 ? `in ${(expiresInMs / 1000).toFixed(1)} s, when the lease is over` : "now";
      return `${who} It can be taken up ${when}: by a worker that serves "${app}", or by whoever runs it by its id.`;
    }
  }
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
    case "child":
      return `Waits for the end of run ${name}, which it has started.`;
    default:
      return `Step "${name}" was under way when its process died: somebody has to settle how it ended (wait ${seq}).`;
  }
}

/** What to write to serve an app. */
function serve(name: string, how: string, options = ""): string {
  const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
  return `runtime.serve({ ${key}: ${how} }${options})`;
}
