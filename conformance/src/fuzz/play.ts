/** Plays a program in one execution: what a framework and a user's code would do. */
import { ask, askOrLeave, type Question, type RunContext } from "@holdfast/core/adapter";
import { currentScope, type Outcome, type StepInside } from "@holdfast/core/journal";
import { setOrigin, settleByPerson } from "@holdfast/core/run";
import type { Activity } from "./activity.ts";
import type { Oracle } from "./oracle.ts";
import type { AskPart, Part, Program, StepPart } from "./program.ts";
import type { Random } from "./random.ts";
import type { ProcessTime } from "./virtual-time.ts";

export interface Player {
  readonly run: RunContext;
  /** The how-manieth execution of the run this is. */
  readonly nth: number;
  readonly time: ProcessTime;
  readonly random: Random;
  readonly oracle: Oracle;
  readonly activity: Activity;
  /** The longest that plain code takes between two steps. */
  readonly pause: number;
  /** How many tries of a scope are on record as failed, read from the journal when this execution began. */
  readonly failedTries: ReadonlyMap<string, number>;
  /** By scope, what its framework kept of those that are over. */
  readonly kept: ReadonlyMap<string, string>;
}

/** Where in the program a part stands, as the program itself would say it. */
interface Place {
  readonly path: string;
  /** By question, the newest signal that this branch of the program was given. */
  readonly signals: Map<string, number>;
}

/**
 * What the program decided on the way here, as things to tell the oracle: a race, a step it gave up.
 * They count from when something new that comes after them has returned, which is durable then, and
 * they with it; until then they may be forgotten.
 */
type Decisions = readonly (() => void)[];

interface Played {
  readonly output: string;
  readonly decisions: Decisions;
}

interface StepText {
  readonly input?: string;
  readonly timedOut?: true;
  /** A step in its body ended the run, or would have. */
  readonly fatal?: true;
  /** Its body did something to the state of its framework, too. */
  readonly effect?: true;
}

class PlainFailure extends Error {}
/** The program is left to wait. */
export class Left extends Error {}
/** The run fails. */
class Fatal extends Error {}

export async function play({ part }: Program, player: Player): Promise<string> {
  return (await playPart(part, player, { path: "", signals: new Map() }, [])).output;
}

async function playPart(
  part: Part,
  player: Player,
  place: Place,
  before: Decisions,
): Promise<Played> {
  const { execution } = player.run;
  switch (part.do) {
    case "step":
      return playStep(part, player, place, before);
    case "ask":
      return playAsk(part, player, place, before);
    case "sequence":
      return playSequence(part.parts, player, place, before);
    case "parallel": {
      const branches = part.parts.map((each) => ({ each, at: branchOf(place) }));
      const all = branches.map(({ each, at }) => playPart(each, player, at, before));
      const played = await allOrLeft(all);
      for (const { at } of branches) join(place, at);
      return {
        output: `(${played.map(({ output }) => output).join(" & ")})`,
        decisions: played.flatMap(({ decisions }) => decisions),
      };
    }
    case "race": {
      const race = `${place.path} race ${part.id}`;
      const all = part.parts.map(async (each, index) => {
        const at = branchOf(place);
        const { output } = await playPart(each, player, at, before);
        return { output: `${index}:${output}`, winner: String(index) };
      });
      const { output, winner } = await Promise.race(all);
      return { output, decisions: [...before, () => player.oracle.decided(race, winner)] };
    }
    case "scope":
      await plainCode(player);
      return part.restores
        ? playRestored(part, player, place, before)
        : execution.scope(part.label, () =>
            playPart(part.part, player, within(place, part.label), before),
          );
    case "held":
      return playHeld(part, player, place, before);
    case "retry":
      return playRetry(part, player, place, before);
    case "think":
      await execution.scope(part.label, () => player.activity.plain(player.time.sleep(part.ms)));
      return { output: part.label, decisions: before };
  }
}

async function playSequence(
  parts: readonly Part[],
  player: Player,
  place: Place,
  before: Decisions,
): Promise<Played> {
  const outputs: string[] = [];
  let decisions = before;
  for (const part of parts) {
    const played = await playPart(part, player, place, decisions);
    outputs.push(played.output);
    decisions = played.decisions;
  }
  return { output: `[${outputs.join(" ")}]`, decisions };
}

/** A node of a graph: once its checkpoint is written, it is not run again. */
async function playRestored(
  { label, part }: Extract<Part, { do: "scope" }>,
  player: Player,
  place: Place,
  before: Decisions,
): Promise<Played> {
  const { execution, writer } = player.run;
  const path = `${currentScope.getStore()!.path}/${label}`;
  const kept = player.kept.get(path);
  if (kept !== undefined) {
    execution.restored(path);
    return { output: kept, decisions: before };
  }
  const played = await execution.scope(label, () =>
    playPart(part, player, within(place, label), before),
  );
  if (player.run.signal.aborted) await new Promise(() => {});
  const { durable } = writer.append({ entry: "kept", scope: path, value: { text: played.output } });
  await player.activity.plain(durable);
  for (const decided of played.decisions) decided();
  return { output: played.output, decisions: [] };
}

/** A generator: its consumer leaves it and comes back. */
async function playHeld(
  { label, parts }: Extract<Part, { do: "held" }>,
  player: Player,
  place: Place,
  before: Decisions,
): Promise<Played> {
  const held = player.run.execution.open(label);
  const inside = within(place, label);
  const outputs: string[] = [];
  let decisions = before;
  try {
    for (const part of parts) {
      await plainCode(player);
      const played = await held.run(() => playPart(part, player, inside, decisions));
      outputs.push(played.output);
      decisions = played.decisions;
    }
  } finally {
    held.close();
  }
  return { output: `{${outputs.join(" ")}}`, decisions };
}

async function playRetry(
  { label, part, flaky }: Extract<Part, { do: "retry" }>,
  player: Player,
  place: Place,
  before: Decisions,
): Promise<Played> {
  const path = `${currentScope.getStore()!.path}/${label}`;
  const scope = player.run.execution.retriedScope(label);
  for (let count = 1; ; count += 1) {
    const nth = count + (player.failedTries.get(path) ?? 0);
    const inside = within(place, nth === 1 ? label : `${label}~${nth}`);
    const failsBefore = nth < 4 && player.random.chance(flaky * 0.4);
    const failsAfter = nth < 4 && player.random.chance(flaky * 0.4);
    try {
      return await scope.try(count, async () => {
        await plainCode(player);
        if (failsBefore) throw new PlainFailure();
        const played = await playPart(part, player, inside, before);
        if (failsAfter) throw new PlainFailure();
        return played;
      });
    } catch (error) {
      if (!(error instanceof PlainFailure)) throw error;
      await player.activity.plain(scope.failed());
    }
  }
}

async function playStep(
  part: StepPart,
  player: Player,
  place: Place,
  before: Decisions,
): Promise<Played> {
  await plainCode(player);
  const { run, nth, oracle, activity } = player;
  const input = part.drifts ? `${part.input} in execution ${nth}` : part.input;
  // Calls with the same input in one group are interchangeable, and so is what is known of them.
  const tellsApart = part.input !== "same" || part.callId;
  const point = tellsApart ? `${place.path} step ${part.id}` : undefined;
  const patience = givesUp(part, player);
  const tries = triesToCome(activity);

  const step = run.execution.step(
    {
      kind: part.kind,
      name: part.name,
      hash: input,
      ...(part.once
        ? {
            announced: true,
            settle: async (record) => {
              oracle.doubted(point, record.seq);
              const settled = await activity.question(settleByPerson(run, record));
              activity.goesOn("a settled step");
              if (settled === "retry" && point !== undefined) oracle.toRunAgain(point);
              return settled;
            },
          }
        : {}),
      retryAfter: (_, tried) => {
        if (tried > part.retries) return undefined;
        tries.isToCome(true);
        return tried * part.retryMs;
      },
      abandoned: patience.over,
      ...(part.callId ? { callId: `call ${part.id}` } : {}),
    },
    async (inside) => {
      tries.isToCome(false);
      patience.begins();
      return playBody(part, player, { place, point, inside });
    },
  );
  // The framework goes on when its patience is over, whatever becomes of the step.
  const returned = step.then((result) => {
    activity.goesOn(`step ${part.id}`);
    return result;
  });
  const result = await Promise.race([returned, patience.over]);
  tries.over();
  if (result === undefined) throw new Left();
  const { failed, text, effect } = result;
  const value = JSON.parse(text!) as StepText;
  const output = `${part.id}=${failed ? "failed" : "ok"}`;
  const expected = value.effect ? `effect of ${text}` : undefined;
  if (effect !== expected) oracle.violated(`step ${part.id} came with ${effect}, not ${expected}`);
  const tell = () => {
    if (point === undefined) return;
    oracle.returned(point, part.input, { input: value.input, text: `${failed} ${text}` });
  };
  if (value.timedOut) return { output, decisions: [...before, tell] };
  tell();
  if (value.fatal) {
    const error = new Fatal(`step ${part.id}`);
    setOrigin(error, (result as { readonly seq: number }).seq);
    oracle.numbered(point!, (result as { readonly seq: number }).seq);
    throw error;
  }
  // A recorded result is no sign that anything before it has been written down now.
  if ("replayed" in result && result.replayed) return { output, decisions: before };
  for (const decided of before) decided();
  return { output, decisions: [] };
}

interface BodyPlace {
  readonly place: Place;
  readonly point: string | undefined;
  readonly inside: StepInside;
}

async function playBody(
  part: StepPart,
  player: Player,
  { place, point, inside }: BodyPlace,
): Promise<(Outcome & { readonly failed: boolean }) | undefined> {
  const { run, nth: execution, oracle, random, time, activity } = player;
  // What is announced first is about to begin when the run is told to stop.
  const scope = currentScope.getStore()!;
  const mayBegin = part.once || scope.parent!.step !== undefined;
  activity.begins(`the body of step ${part.id}`, mayBegin);
  const tries = part.retries + 1;
  if (point !== undefined) oracle.began(point, { once: part.once, nth: inside.try, tries });
  // Of others it is not known yet: asking for it would write it down.
  if (point !== undefined && part.once) oracle.numbered(point, inside.seq);
  let fatal = part.fatal && oracle.begun(point!) === 1;
  try {
    if (part.inside !== undefined) {
      const at = { path: `${point}~${inside.try}`, signals: new Map(place.signals) };
      await playPart(part.inside, player, at, []);
    }
  } catch (error) {
    if (error instanceof Left) {
      if (point !== undefined) oracle.left(point);
      return undefined;
    }
    if (!(error instanceof Fatal)) throw error;
    fatal = true;
  }
  await activity.body(scope, time.sleep(Math.round(part.ms * (0.5 + random.next()))));
  const failed = part.fails || fatal || inside.try <= part.failing;
  if (point !== undefined && !activity.isOver) oracle.ended(point, failed);
  if (point !== undefined && !run.signal.aborted) oracle.cameTo(point, inside.try);
  const marks = { ...(fatal ? { fatal } : {}), ...(part.effect ? { effect: true } : {}) };
  const text = JSON.stringify({ input: part.input, execution, ...marks });
  return { failed, text, ...(part.effect ? { effect: `effect of ${text}` } : {}) };
}

async function playAsk(
  part: AskPart,
  player: Player,
  place: Place,
  before: Decisions,
): Promise<Played> {
  await plainCode(player);
  const { run, nth, oracle, activity } = player;
  const { id, kind, name, callId, shown, changes, dueInMs, leaves } = part;
  const asked = changes ? `${shown} v${Math.min(nth, 3)}` : shown;
  const question: Question = {
    kind,
    name,
    asked,
    dueInMs,
    ...(callId ? { callId: `call ${id}` } : {}),
  };
  const tellsApart = callId || (kind !== "signal" && shown !== "same");
  const group = `${currentScope.getStore()!.path} ${kind} ${name} "${asked}"${callId ? ` call ${id}` : ""}`;
  const answer = await activity.question(leaves ? askOrLeave(run, question) : ask(run, question));
  if (answer === undefined) {
    activity.left += 1;
    throw new Left();
  }
  const { control, value } = answer;
  const body = asked === undefined ? undefined : JSON.stringify(asked);
  oracle.answered({ execution: nth, group, kind, name, body, control, value });
  if (tellsApart) {
    oracle.returned(`${place.path} question ${id} "${asked}"`, "", {
      input: undefined,
      text: String(control),
    });
  }
  if (kind === "signal" && answer.kind === "signal") {
    // Of one scope: what is tried again is given newer ones than what comes after it.
    const last = place.signals.get(group) ?? 0;
    if (control <= last) oracle.violated(`${group} was given ${control} after ${last}`);
    place.signals.set(group, control);
  }
  return { output: `${id}=${answer.kind}`, decisions: before };
}

function within({ path, signals }: Place, label: string): Place {
  return { path: `${path}/${label}`, signals };
}

function branchOf({ path, signals }: Place): Place {
  return { path, signals: new Map(signals) };
}

function join({ signals }: Place, branch: Place): void {
  for (const [name, seq] of branch.signals) {
    signals.set(name, Math.max(seq, signals.get(name) ?? 0));
  }
}

/** What all of them come to. If one is left, it is left when the others are through. */
async function allOrLeft(all: readonly Promise<Played>[]): Promise<readonly Played[]> {
  const lefts: unknown[] = [];
  const played = await Promise.all(
    all.map((each) =>
      each.catch((error: unknown) => {
        if (!(error instanceof Left)) throw error;
        lefts.push(error);
        return { output: "", decisions: [] };
      }),
    ),
  );
  if (lefts.length > 0) throw lefts[0];
  return played;
}

/** A framework's time-out: counts from when the body begins, and ends in an outcome of its own. */
function givesUp({ timeout, input }: StepPart, { time }: Player) {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const outcome: Outcome = { failed: true, text: JSON.stringify({ input, timedOut: true }) };
  return {
    over: promise,
    begins: () => {
      if (timeout !== undefined) time.after(timeout, () => resolve(outcome));
    },
  };
}

/** Whether another try of a step is to come: none does once it is over. */
function triesToCome(activity: Activity): { isToCome(is: boolean): void; over(): void } {
  let known = false;
  let isOver = false;
  const isToCome = (is: boolean) => {
    if (is === known || isOver) return;
    known = is;
    activity.triesToCome += is ? 1 : -1;
  };
  const over = () => {
    isToCome(false);
    isOver = true;
  };
  return { isToCome, over };
}

/** Code of the user between the steps takes a while, and never the same. */
async function plainCode({ time, random, pause, activity }: Player): Promise<void> {
  if (!random.chance(0.6)) return;
  const ms = random.below(random.chance(0.2) ? pause : Math.ceil(pause / 5));
  await activity.plain(time.sleep(ms));
}
