/** Plays a program in one execution: what a framework and a user's code would do. */
import type { Execution, Outcome } from "@holdfast/core/journal";
import type { Oracle } from "./oracle.ts";
import type { Part, Program, StepPart } from "./program.ts";
import type { Random } from "./random.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface Player {
  readonly execution: Execution;
  /** Asks a person about a step in doubt. */
  readonly settle: () => Promise<never>;
  /** The how-manieth execution of the run this is. */
  readonly nth: number;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly oracle: Oracle;
  /** The longest that plain code takes between two steps. */
  readonly pause: number;
  /** How many tries of a scope are on record as failed, read from the journal when this execution began. */
  readonly failedTries: ReadonlyMap<string, number>;
  /** Whether the process lives: in a dead one nothing goes on. */
  readonly isAlive: () => boolean;
}

/** Where in the program a part stands, as the program itself would say it. */
type Place = string;

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

class PlainFailure extends Error {}

export async function play({ part }: Program, player: Player): Promise<string> {
  return (await playPart(part, player, "", [])).output;
}

async function playPart(
  part: Part,
  player: Player,
  place: Place,
  before: Decisions,
): Promise<Played> {
  switch (part.do) {
    case "step":
      return playStep(part, player, place, before);
    case "sequence":
      return playSequence(part.parts, player, place, before);
    case "parallel": {
      const all = part.parts.map((each) => playPart(each, player, place, before));
      const played = await Promise.all(all);
      return {
        output: `(${played.map(({ output }) => output).join(" & ")})`,
        decisions: played.flatMap(({ decisions }) => decisions),
      };
    }
    case "race": {
      const race = `${place} race ${part.id}`;
      const all = part.parts.map(async (each, index) => {
        const { output } = await playPart(each, player, place, before);
        return { output: `${index}:${output}`, winner: String(index) };
      });
      const { output, winner } = await Promise.race(all);
      return { output, decisions: [...before, () => player.oracle.decided(race, winner)] };
    }
    case "scope":
      await plainCode(player);
      return player.execution.scope(part.label, () =>
        playPart(part.part, player, `${place}/${part.label}`, before),
      );
    case "retry":
      return playRetry(part, player, place, before);
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

async function playRetry(
  { label, part, flaky }: Extract<Part, { do: "retry" }>,
  player: Player,
  place: Place,
  before: Decisions,
): Promise<Played> {
  const scope = player.execution.retriedScope(label);
  const base = `${place}/${label}`;
  for (let count = 1; ; count += 1) {
    const nth = count + (player.failedTries.get(base) ?? 0);
    const inside = nth === 1 ? base : `${base}~${nth}`;
    const failsBefore = count < 3 && player.random.chance(flaky * 0.4);
    const failsAfter = count < 3 && player.random.chance(flaky * 0.4);
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
      await scope.failed();
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
  const { execution, nth, time, oracle, random, isAlive } = player;
  const input = part.drifts ? `${part.input} in execution ${nth}` : part.input;
  // Calls with the same input in one group are interchangeable, and so is what is known of them.
  const tellsApart = part.input !== "same" || part.callId;
  const point = tellsApart ? `${place} step ${part.id}` : undefined;
  const patience = givesUp(part, time);

  const step = execution.step(
    {
      kind: part.kind,
      name: part.name,
      hash: input,
      ...(part.once ? { announced: true, settle: player.settle } : {}),
      abandoned: patience.over,
      ...(part.callId ? { callId: `call ${part.id}` } : {}),
    },
    async () => {
      if (point !== undefined) oracle.began(point, part.once);
      patience.begins();
      await time.sleep(Math.round(part.ms * (0.5 + random.next())));
      if (!isAlive()) return new Promise(() => {});
      return { failed: part.fails, text: JSON.stringify({ input: part.input, execution: nth }) };
    },
  );
  // The framework goes on when its patience is over, whatever becomes of the step.
  const result = (await Promise.race([step, patience.over]))!;
  const { failed, text } = result;
  if (!isAlive()) await new Promise(() => {});
  const value = JSON.parse(text!) as { readonly input: string; readonly timedOut?: true };
  const output = `${part.id}=${failed ? "failed" : "ok"}`;
  const tell = () => {
    if (point === undefined) return;
    oracle.returned(point, part.input, { input: value.input, text: `${failed} ${text}` });
  };
  if (value.timedOut) return { output, decisions: [...before, tell] };
  tell();
  // A recorded result is no sign that anything before it has been written down now.
  if ("replayed" in result && result.replayed) return { output, decisions: before };
  for (const decided of before) decided();
  return { output, decisions: [] };
}

/** A framework's time-out: counts from when the body begins, and ends in an outcome of its own. */
function givesUp({ timeout, input }: StepPart, time: VirtualTime) {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const outcome = { failed: true, text: JSON.stringify({ input, timedOut: true }) };
  return {
    over: promise,
    begins: () => {
      if (timeout !== undefined) time.after(timeout, () => resolve(outcome));
    },
  };
}

/** Code of the user between the steps takes a while, and never the same. */
async function plainCode({ time, random, pause, isAlive }: Player): Promise<void> {
  if (random.chance(0.6)) {
    await time.sleep(random.below(random.chance(0.2) ? pause : Math.ceil(pause / 5)));
  }
  if (!isAlive()) await new Promise(() => {});
}
