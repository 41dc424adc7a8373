/** The steps of a run as a person looks at them: one line each, whatever entries they have. */
import type { Codec } from "../codec/index.ts";
import type { Entry } from "../store/index.ts";

export interface StepView {
  /** The number of the step: for `settle`, and in `currentStep()`. */
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  /** Where in the run it stands. */
  readonly scope: string;
  /**
   * `waiting`: a question nobody has answered. `in doubt`: a person has to say how it ended. `left`: it
   * has no end of its own, and nothing of it is under way.
   */
  readonly status: "running" | "waiting" | "in doubt" | "left" | "finished" | "failed";
  /** How often its body was begun. */
  readonly tries: number;
  /** A later execution asked for it with another input; its result was kept. */
  readonly drift: boolean;
  readonly startedAt: Date;
  readonly endedAt?: Date;
  /** What it returned, or threw. */
  readonly result?: unknown;
}

const WAITS: ReadonlySet<string> = new Set(["approval", "input", "signal", "timer", "child"]);

export async function stepsOf(
  entries: AsyncIterable<Entry>,
  codec: Codec,
): Promise<readonly StepView[]> {
  const steps = new Map<number, StepView>();
  const change = (id: number | undefined, what: (step: StepView) => Partial<StepView>) => {
    const step = id === undefined ? undefined : steps.get(id);
    if (step !== undefined) steps.set(step.id, { ...step, ...what(step) });
  };
  for await (const {
    entry,
    seq,
    step,
    kind = "code",
    name = "",
    scope = "",
    value,
    at,
  } of entries) {
    switch (entry) {
      case "started": {
        const status = WAITS.has(kind) ? "waiting" : "running";
        const place = { id: seq, kind, name, scope };
        steps.set(seq, { ...place, status, tries: 1, drift: false, startedAt: at });
        break;
      }
      case "restarted":
        change(step, ({ tries }) => ({ status: "running", tries: tries + 1 }));
        break;
      case "finished":
      case "failed":
        change(step, () => ({ status: entry, endedAt: at, result: value && codec.decode(value) }));
        break;
      case "at rest":
      case "withdrawn":
        change(step, () => ({ status: "left" }));
        break;
      case "run completed":
      case "run failed":
      case "run cancelled":
        for (const { id, endedAt } of [...steps.values()]) {
          if (endedAt === undefined) change(id, () => ({ status: "left" }));
        }
        break;
      case "in doubt":
        change(step, () => ({ status: "in doubt" }));
        break;
      case "superseded":
        change(step, () => ({ status: "running" }));
        break;
      case "drift":
        change(step, () => ({ drift: true }));
        break;
    }
  }
  return [...steps.values()];
}
