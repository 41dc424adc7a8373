import { describe, expect, it } from "vitest";
import { sentence, type WaitReason, type Why } from "../../src/run/why.ts";

const since = new Date("2026-05-04T03:02:01Z");
const waiting = (...waits: readonly WaitReason[]): Why => ({ reason: "wait", waits });
const place = { app: "support", queue: "default" };

const SENTENCES: readonly (readonly [why: Why, sentence: string])[] = [
  [
    waiting({ seq: 5, kind: "approval", name: "refund" }),
    '"refund" waits to be approved or rejected (wait 5).',
  ],
  [
    waiting({ seq: 5, kind: "input", name: "city" }, { seq: 6, kind: "signal", name: "paid" }),
    '"city" waits for an answer (wait 5). Waits for the signal "paid".',
  ],
  [
    waiting({ seq: 5, kind: "child", name: "abc" }),
    "Waits for the end of run abc, which it has started.",
  ],
  [
    waiting({ seq: 5, kind: "doubt", name: "pay" }),
    'Step "pay" was under way when its process died: somebody has to settle how it ended (wait 5).',
  ],
  [
    { reason: "paused", by: "ana", since },
    "Paused by ana since 2026-05-04T03:02:01.000Z: it goes on after handle.resume().",
  ],
  [
    { reason: "paused", since },
    "Paused since 2026-05-04T03:02:01.000Z: it goes on after handle.resume().",
  ],
  [
    { reason: "options", app: "support", missing: ["context.db", "callbacks"] },
    "These options could not be stored, so only the process that started the run has them: context.db, callbacks. Serve the app with runtime.serve({ support: { app, options: (run) => … } }), or run it by its id where they are.",
  ],
  [
    { reason: "no worker", ...place },
    'No living worker serves "support" in the queue "default": start one with runtime.serve({ support: app }), or run it by its id.',
  ],
  [
    { reason: "no worker", app: "my app", queue: "slow" },
    'No living worker serves "my app" in the queue "slow": start one with runtime.serve({ "my app": app }, { queues: ["slow"] }), or run it by its id.',
  ],
  [
    { reason: "busy", ...place, workers: 1 },
    'The only worker that serves "support" in the queue "default" can take no more runs: it goes on when one of them is through. Start another worker, or raise the concurrency.',
  ],
  [
    { reason: "busy", ...place, workers: 3 },
    'All 3 workers that serve "support" in the queue "default" can take no more runs: it goes on when one of them is through. Start another worker, or raise the concurrency.',
  ],
  [
    { reason: "back-off", explanation: "The disk is full.", until: since },
    "It could not be worked on, and is tried again at 2026-05-04T03:02:01.000Z. The reason: The disk is full.",
  ],
  [
    { reason: "back-off", explanation: "The disk is full." },
    "It could not be worked on, and is tried again soon. The reason: The disk is full.",
  ],
  [
    { reason: "dead worker", app: "support", host: "box", pid: 42, expiresInMs: 1234 },
    'Process 42 on box, which held it, has died. It can be taken up in 1.2 s, when the lease is over: by a worker that serves "support", or by whoever runs it by its id.',
  ],
  [
    { reason: "dead worker", app: "support", host: undefined, pid: undefined, expiresInMs: 0 },
    'The worker that held it is gone. It can be taken up now: by a worker that serves "support", or by whoever runs it by its id.',
  ],
];

describe("the sentence of a run that does not move", () => {
  it.each(SENTENCES)("says of %j what to do", (why, expected) => {
    expect(sentence(why)).toBe(expected);
  });
});
