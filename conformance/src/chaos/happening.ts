/**
 * What worker processes tell of themselves, by a pipe to the process that watches them. Invariants: a line
 * is in the pipe before the program goes on, so nothing that happened is lost with a process; and all
 * clocks are one, the monotonic clock of the machine, so moments of different processes compare.
 */
export type Happening =
  | { readonly is: "loaded" }
  | { readonly is: "serving" }
  /** A body begins, and ends: with a value, by a failure, or because it was told to. */
  | { readonly is: "begins"; readonly run: string; readonly id: string }
  | { readonly is: "ends"; readonly run: string; readonly id: string; readonly how: BodyEnd }
  /** A step returned to the program: from now on no body of it may begin. */
  | {
      readonly is: "returned";
      readonly run: string;
      readonly id: string;
      readonly value: string;
    }
  /** What the worker says in its log, from warnings on, and whom it buries. */
  | { readonly is: "says"; readonly level: string; readonly message: string };

export type BodyEnd = "value" | "failure" | "told";

export type Told = Happening & {
  /** In milliseconds. */
  readonly at: number;
};

/** By the clock that all processes of this machine share. */
export function moment(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Writing to a pipe is synchronous, except on Windows. */
export function tell(happening: Happening): void {
  process.stdout.write(`${JSON.stringify({ at: moment(), ...happening })}\n`);
}
