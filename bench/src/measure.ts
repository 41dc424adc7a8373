/**
 * Rates and latencies measured in short interleaved rounds. A shared machine changes its speed by
 * the second, so rates are only compared within a round: the answer is the median of those ratios.
 */

export interface Sample {
  /** Operations a second. */
  readonly rate: number;
  /** Milliseconds an operation took; undefined where only a rate is known. */
  readonly p50: number | undefined;
  readonly p99: number | undefined;
}

export interface Contender {
  readonly name: string;
  /** Works for about `ms` milliseconds. */
  sample(ms: number): Promise<Sample>;
}

/** The samples of each contender, by its name; the n-th of all of them are of the same round. */
export type Rounds = ReadonlyMap<string, readonly Sample[]>;

const WARM_UP_MS = 300;

/** Lets the contenders take turns. Each round begins with another one. */
export async function interleave(
  contenders: readonly Contender[],
  { rounds, ms }: { readonly rounds: number; readonly ms: number },
): Promise<Rounds> {
  for (const contender of contenders) await contender.sample(WARM_UP_MS);
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const contender = contenders[(round + turn) % contenders.length]!;
      samples.get(contender.name)!.push(await contender.sample(ms));
    }
  }
  return samples;
}

/** Runs `lanes` loops at once, each awaiting its operation before the next. */
export async function drive(
  lanes: number,
  ms: number,
  operation: (lane: number) => Promise<unknown>,
): Promise<Sample> {
  const durations: number[] = [];
  const began = performance.now();
  const loop = async (lane: number): Promise<void> => {
    for (let now = performance.now(); now - began < ms; ) {
      await operation(lane);
      const after = performance.now();
      durations.push(after - now);
      now = after;
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => loop(lane)));
  const rate = (durations.length / (performance.now() - began)) * 1000;
  return { rate, p50: quantile(durations, 0.5), p99: quantile(durations, 0.99) };
}

/** The median over the rounds of how many times faster `a` was than `b`. */
export function medianRatio(a: readonly Sample[], b: readonly Sample[]): number {
  return quantile(
    a.map(({ rate }, round) => rate / b[round]!.rate),
    0.5,
  );
}

/** NaN when there are no values. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!;
}
