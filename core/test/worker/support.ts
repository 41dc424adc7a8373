/** What tests of workers look through. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Logger, step } from "../../src/index.ts";

export interface Gauge {
  /** An app whose step takes a while. */
  readonly body: (n: number) => Promise<number>;
  /** How many ran at once at most: of all, or of those with such an input. */
  most(which?: (n: number) => boolean): number;
  /** The inputs, in the order in which they were begun. */
  readonly order: readonly number[];
}

export function gauge(ms: number): Gauge {
  const running = new Set<number>();
  const seen: (readonly number[])[] = [];
  const order: number[] = [];
  const body = (n: number) =>
    step("slow", async () => {
      running.add(n);
      order.push(n);
      seen.push([...running]);
      await sleep(ms);
      running.delete(n);
      return n;
    });
  const most = (which = (_: number) => true) =>
    Math.max(...seen.map((numbers) => numbers.filter(which).length));
  return { body, most, order };
}

export interface Remembering {
  readonly logger: Logger;
  /** What was said, of one level or of all. */
  lines(level?: keyof Logger): readonly string[];
}

export function remembering(): Remembering {
  const said: (readonly [keyof Logger, string])[] = [];
  const on = (level: keyof Logger) => (message: string) => void said.push([level, message]);
  return {
    logger: { debug: on("debug"), info: on("info"), warn: on("warn"), error: on("error") },
    lines: (level) =>
      said.filter(([of]) => level === undefined || of === level).map(([, text]) => text),
  };
}
