import type { CrashProcess } from "./scenario.ts";

/** When in the effect: at its beginning, so many milliseconds after that, or when it has happened. */
export type Moment = "before" | "after" | number;

/** A process that ends itself in its n-th effect, at once and without a word. Without a number: never. */
export function killsItself(
  child: CrashProcess,
  nth: number | undefined,
  when: Moment = "before",
): CrashProcess {
  let count = 0;
  const die = () => void process.kill(process.pid, "SIGKILL");
  return {
    ...child,
    async effect(key) {
      count += 1;
      const isIt = count === nth;
      if (isIt && when === "before") die();
      if (isIt && typeof when === "number") setTimeout(die, when);
      await child.effect(key);
      if (isIt && when === "after") die();
    },
  };
}
