/** The programs of the fuzzer: what agents do, boiled down, as data that can be printed and shrunk. */
import type { Random } from "./random.ts";

export interface Program {
  readonly part: Part;
  /** The longest that plain code takes between two steps. */
  readonly pause: number;
  /** Whether it may end with a divergence: it does what nobody can tell apart. It must never be lied to. */
  readonly mayDiverge: boolean;
}

export type Part =
  | StepPart
  | { readonly do: "sequence"; readonly parts: readonly Part[] }
  | { readonly do: "parallel"; readonly parts: readonly Part[] }
  /** Goes on with whichever part is first. */
  | { readonly do: "race"; readonly id: number; readonly parts: readonly Part[] }
  | { readonly do: "scope"; readonly label: string; readonly part: Part }
  /** Plain code around the part fails in some executions; then the framework tries again. */
  | { readonly do: "retry"; readonly label: string; readonly part: Part; readonly flaky: number };

export interface StepPart {
  readonly do: "step";
  readonly id: number;
  readonly kind: "model" | "tool";
  readonly name: string;
  readonly input: string;
  readonly callId: boolean;
  /** The input contains something that is different in each execution. */
  readonly drifts: boolean;
  readonly fails: boolean;
  readonly once: boolean;
  /** The framework stops waiting after this long. */
  readonly timeout: number | undefined;
  readonly ms: number;
}

/** What a kind of program consists of. */
interface Style {
  readonly kinds: readonly StepPart["kind"][];
  readonly shapes: readonly Part["do"][];
  readonly drifts: boolean;
  readonly pause: number;
}

/**
 * Four kinds of programs, since some things do not go together: a changed prompt beside another call
 * of the same model is a divergence by design, and one that is late by more than the journal's quiet
 * period (200 ms) can be taken for another; a tool cannot, however late it is.
 */
const STYLES: readonly Style[] = [
  {
    kinds: ["model", "tool"],
    shapes: ["sequence", "parallel", "race", "scope", "retry"],
    drifts: false,
    pause: 150,
  },
  {
    kinds: ["model", "tool"],
    shapes: ["sequence", "parallel", "scope", "retry"],
    drifts: true,
    pause: 150,
  },
  {
    kinds: ["tool"],
    shapes: ["sequence", "parallel", "race", "scope", "retry"],
    drifts: false,
    pause: 3_000,
  },
];

export function randomProgram(random: Random): Program {
  if (random.chance(0.1)) return changingInParallel(random);
  const style = random.pick(STYLES);
  let id = 0;
  let budget = 3 + random.below(10);

  function part(depth: number, racing: boolean, drifting: boolean): Part {
    if (depth === 0 || budget <= 1 || random.chance(0.35)) return step(racing, drifting);
    const shape = random.pick(style.shapes);
    const parts = (race: boolean, drift: boolean) =>
      Array.from({ length: 2 + random.below(2) }, () => part(depth - 1, race, drift));
    id += 1;
    // Frameworks name the places of their graphs, so parallel scopes never share a label.
    const label = `${shape}${id}`;
    if (shape === "parallel") return { do: shape, parts: parts(racing, false) };
    if (shape === "race") return { do: shape, id, parts: parts(true, false) };
    if (shape === "scope") return { do: shape, label, part: part(depth - 1, racing, drifting) };
    // Plain code that fails anew in the branch of a race decides it anew: not ours to prevent.
    if (shape === "retry" && !racing) {
      return { do: shape, label, part: part(depth - 1, racing, drifting), flaky: random.next() };
    }
    return { do: "sequence", parts: parts(racing, drifting) };
  }

  function step(racing: boolean, drifting: boolean): StepPart {
    budget -= 1;
    id += 1;
    const kind = random.pick(style.kinds);
    return {
      ...plainStep(id, kind, random),
      // Equal calls in the branches of a race are one and the same to the journal.
      input: random.chance(0.25) && !racing ? "same" : `input ${id}`,
      callId: random.chance(0.3),
      drifts: drifting && kind === "model" && random.chance(0.4),
      fails: random.chance(0.15),
      once: kind === "tool" && random.chance(0.1),
      // A framework's clock runs anew after a crash: a time-out can decide a race that was undecided.
      timeout: random.chance(0.1) && !racing ? 1 + random.below(80) : undefined,
    };
  }

  const top = () => part(3, false, style.drifts);
  const parts = [top(), top(), step(false, style.drifts)];
  return { part: { do: "sequence", parts }, pause: style.pause, mayDiverge: false };
}

/** Calls of one model that all change and all overlap: nobody can tell whose the results are. */
function changingInParallel(random: Random): Program {
  const call = (id: number): StepPart => ({
    ...plainStep(id, "model", random),
    name: "a",
    drifts: true,
    ms: 100 + random.below(300),
  });
  const parallel = { do: "parallel" as const, parts: [call(1), call(2), call(3)] };
  const parts = random.chance(0.5) ? [parallel, call(4)] : [call(4), parallel, call(5)];
  return { part: { do: "sequence", parts }, pause: 10, mayDiverge: true };
}

function plainStep(id: number, kind: StepPart["kind"], random: Random): StepPart {
  return {
    do: "step",
    id,
    kind,
    name: random.pick(["a", "b"]),
    input: `input ${id}`,
    callId: false,
    drifts: false,
    fails: false,
    once: false,
    timeout: undefined,
    ms: random.below(random.chance(0.2) ? 400 : 60),
  };
}
