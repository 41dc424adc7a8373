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
  | AskPart
  | { readonly do: "sequence"; readonly parts: readonly Part[] }
  | { readonly do: "parallel"; readonly parts: readonly Part[] }
  /** Goes on with whichever part is first. */
  | { readonly do: "race"; readonly id: number; readonly parts: readonly Part[] }
  /** `restores`: once it is over, its framework keeps what came of it, and does not run it again. */
  | {
      readonly do: "scope";
      readonly label: string;
      readonly part: Part;
      readonly restores: boolean;
    }
  /** A scope that is left and entered again between its parts. */
  | { readonly do: "held"; readonly label: string; readonly parts: readonly Part[] }
  /** Plain code around the part fails in some executions; then the framework tries again. */
  | { readonly do: "retry"; readonly label: string; readonly part: Part; readonly flaky: number }
  /** Plain code, longer than a run that waits stays in memory, in a scope of its own. */
  | { readonly do: "think"; readonly label: string; readonly ms: number };

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
  /** So many tries of its body fail, and so many more than one are made. */
  readonly failing: number;
  readonly retries: number;
  /** How long it takes until the second try. */
  readonly retryMs: number;
  /** It does something to the state of its framework. */
  readonly effect: boolean;
  /** It fails the first time, and the run with it. Then somebody lets the run go on. */
  readonly fatal: boolean;
  /** What its body does before it takes its time. */
  readonly inside: Part | undefined;
}

/** A question to somebody outside. */
export interface AskPart {
  readonly do: "ask";
  readonly id: number;
  readonly kind: "approval" | "input" | "signal" | "timer";
  readonly name: string;
  /** What is shown. Equal for some questions: they are one and the same to whoever answers. */
  readonly shown: string | undefined;
  readonly callId: boolean;
  /** What is shown is another text in the first executions. */
  readonly changes: boolean;
  readonly dueInMs: number | undefined;
  /** The framework leaves the program to wait. */
  readonly leaves: boolean;
}

/** What a kind of program consists of. */
interface Style {
  readonly kinds: readonly StepPart["kind"][];
  readonly shapes: readonly Part["do"][];
  readonly drifts: boolean;
  /** How many of its leaves are questions. */
  readonly asks: number;
  readonly pause: number;
}

/**
 * Kinds of programs, since some things do not go together: a changed prompt beside another call
 * of the same model is a divergence by design, and one that is late by more than the journal's quiet
 * period (200 ms) can be taken for another; a tool cannot, however late it is, and questions make late.
 */
const STYLES: readonly Style[] = [
  {
    kinds: ["model", "tool"],
    shapes: ["sequence", "parallel", "race", "scope", "retry"],
    drifts: false,
    asks: 0,
    pause: 150,
  },
  {
    kinds: ["model", "tool"],
    shapes: ["sequence", "parallel", "scope", "retry"],
    drifts: true,
    asks: 0,
    pause: 150,
  },
  {
    kinds: ["tool"],
    shapes: ["sequence", "parallel", "race", "scope", "retry"],
    drifts: false,
    asks: 0,
    pause: 3_000,
  },
  {
    kinds: ["tool"],
    shapes: ["sequence", "parallel", "parallel", "race", "scope", "held", "retry", "think"],
    drifts: false,
    asks: 0.4,
    pause: 150,
  },
  {
    kinds: ["tool"],
    shapes: ["sequence", "parallel", "scope", "held"],
    drifts: false,
    asks: 0.3,
    pause: 2_000,
  },
];

/** Where in a program a part may stand, as far as it matters to what it may be. */
interface Spot {
  readonly racing: boolean;
  readonly drifting: boolean;
  /** In the body of a step. */
  readonly inside: boolean;
}

export function randomProgram(random: Random): Program {
  if (random.chance(0.1)) return changingInParallel(random);
  const style = random.pick(STYLES);
  let id = 0;
  let budget = 3 + random.below(10);

  function part(depth: number, spot: Spot): Part {
    if (depth === 0 || budget <= 1 || random.chance(0.35)) return leaf(depth, spot);
    const shape = random.pick(style.shapes);
    const parts = (inner: Spot) =>
      Array.from({ length: 2 + random.below(2) }, () => part(depth - 1, inner));
    id += 1;
    // Frameworks name the places of their graphs, so parallel scopes never share a label.
    const label = `${shape}${id}`;
    if (shape === "parallel") return { do: shape, parts: parts({ ...spot, drifting: false }) };
    if (shape === "race") {
      return { do: shape, id, parts: parts({ ...spot, racing: true, drifting: false }) };
    }
    if (shape === "scope") {
      const restores = style.asks > 0 && !spot.racing && random.chance(0.3);
      return { do: shape, label, part: part(depth - 1, spot), restores };
    }
    if (shape === "held") return { do: shape, label, parts: parts(spot) };
    // What a race leaves behind is not waited for.
    if (shape === "think" && !spot.racing)
      return { do: shape, label, ms: 12_000 + random.below(10_000) };

    // Plain code that fails anew in the branch of a race decides it anew: not ours to prevent.
    if (shape === "retry" && !spot.racing) {
      return { do: shape, label, part: part(depth - 1, spot), flaky: random.next() };
    }
    return { do: "sequence", parts: parts(spot) };
  }

  function leaf(depth: number, spot: Spot): Part {
    return random.chance(style.asks) ? ask(spot) : step(depth, spot);
  }

  function step(depth: number, { racing, drifting }: Spot): StepPart {
    budget -= 1;
    id += 1;
    const kind = random.pick(style.kinds);
    const plain = {
      ...plainStep(id, kind, random),
      // Equal calls in the branches of a race are one and the same to the journal.
      input: random.chance(0.25) && !racing ? "same" : `input ${id}`,
      callId: random.chance(0.3),
      drifts: drifting && kind === "model" && random.chance(0.4),
      fails: random.chance(0.15),
      once: kind === "tool" && random.chance(0.1),
      // A framework's clock runs anew after a crash: a time-out can decide a race that was undecided.
      timeout: random.chance(0.1) && !racing ? 1 + random.below(80) : undefined,
      effect: random.chance(0.2),
    };
    if (style.asks === 0 || plain.input === "same") return plain;
    const failing = random.chance(0.15) ? 1 + random.below(3) : 0;
    const retries = failing > 0 ? random.below(4) : 0;
    const fatal = !racing && plain.timeout === undefined && random.chance(0.05);
    const isContainer = kind === "tool" && depth > 0 && random.chance(0.25);
    const spot = { racing, drifting: false, inside: true };
    const body = isContainer ? part(Math.min(depth - 1, 1), spot) : undefined;
    const retryMs = random.chance(0.2) && !racing ? 15_000 : 10;
    return { ...plain, failing, retries, retryMs, fatal, inside: body };
  }

  function ask({ racing, inside }: Spot): AskPart {
    budget -= 1;
    id += 1;
    const kind = random.pick(["approval", "approval", "input", "signal", "timer"] as const);
    const isTimer = kind === "timer";
    const dues = [random.below(100), random.below(5_000), 10_000 + random.below(60_000)];
    const expires = isTimer || random.chance(0.25);
    const shown = random.chance(0.2) && !racing && !isTimer ? "same" : `question ${id}`;
    return {
      do: "ask",
      id,
      kind,
      // Equal questions in the branches of a race are one and the same, too.
      name: kind === "signal" && racing ? `s${id}` : random.pick(["a", "b"]),
      shown: kind === "signal" ? undefined : shown,
      callId: kind !== "signal" && random.chance(0.3),
      changes: !racing && kind !== "signal" && shown !== "same" && random.chance(0.15),
      dueInMs: expires ? random.pick(dues) : undefined,
      leaves: !racing && !isTimer && random.chance(inside ? 0.3 : 0.1),
    };
  }

  const spot = { racing: false, drifting: style.drifts, inside: false };
  const top = () => part(3, spot);
  const parts = [top(), top(), step(0, spot)];
  const program = { do: "sequence", parts } as const;
  // Where what is recorded is late by more than the journal waits for it, by a question that is asked
  // again or by long plain code, what comes in its place may look changed.
  const isLate = leaves(program).some(
    (leaf) => leaf.do === "think" || (leaf.do === "ask" && leaf.changes),
  );
  const mayDiverge = isLate || asksAlikeInParallel(program);
  return { part: program, pause: style.pause, mayDiverge };
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
    failing: 0,
    retries: 0,
    retryMs: 10,
    effect: false,
    fatal: false,
    inside: undefined,
  };
}

/**
 * Whether branches ask what nobody can tell apart: of those, whoever comes first in another execution is
 * given the answer, and the branch that went on with it before may wait for ever.
 */
function asksAlikeInParallel(part: Part): boolean {
  if (part.do === "step") return part.inside !== undefined && asksAlikeInParallel(part.inside);
  if ("part" in part) return asksAlikeInParallel(part.part);
  if (!("parts" in part)) return false;
  if (part.parts.some(asksAlikeInParallel)) return true;
  if (part.do !== "parallel" && part.do !== "race") return false;
  const asked = part.parts.flatMap((branch) => [...new Set(leaves(branch).flatMap(likeness))]);
  return new Set(asked).size < asked.length;
}

/** Equal for questions that are one and the same to whoever answers them; none if nothing is like it. */
function likeness(leaf: Part): readonly string[] {
  if (leaf.do !== "ask" || leaf.callId) return [];
  if (leaf.kind !== "signal" && leaf.shown !== "same") return [];
  return [`${leaf.kind} ${leaf.name}`];
}

/** The names of the signals that a part of a program waits for, as often as it does. */
export function signalNames(part: Part): readonly string[] {
  return leaves(part).flatMap((leaf) =>
    leaf.do === "ask" && leaf.kind === "signal" ? [leaf.name] : [],
  );
}

/**
 * Whether everything in it can be told apart, goes the same way every time and is not late by more
 * than the journal waits for it: its results never have to be given in another order than the
 * recorded one.
 */
export function isSteady(part: Part): boolean {
  if (part.do === "race" || part.do === "retry" || part.do === "think") return false;
  if (part.do === "ask") return !part.changes && part.shown !== "same" && part.kind !== "signal";
  if (part.do === "step") {
    const isPlain = part.input !== "same" && part.timeout === undefined && !part.drifts;
    return isPlain && !part.fatal && (part.inside === undefined || isSteady(part.inside));
  }
  if ("parts" in part) return part.parts.every(isSteady);
  return "part" in part ? isSteady(part.part) : true;
}

function leaves(part: Part): readonly Part[] {
  if (part.do === "step")
    return part.inside === undefined ? [part] : [part, ...leaves(part.inside)];
  if ("parts" in part) return part.parts.flatMap(leaves);
  return "part" in part ? leaves(part.part) : [part];
}
