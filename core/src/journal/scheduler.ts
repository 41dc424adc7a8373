/** Time, as the journal needs it. Injected, so that tests can run years of it in a moment. */
export interface Scheduler {
  /** Calls `run` after `ms`, however many that are; the function returned prevents it. */
  after(ms: number, run: () => void): () => void;
  /** Resolves when everything that is ready to run by now has run. */
  turn(): Promise<void>;
}

/** The longest a timer of Node can run: one that is set for longer goes off at once. */
const LONGEST_MS = 2 ** 31 - 1;

export const realTime: Scheduler = {
  after(ms, run) {
    let timer: NodeJS.Timeout;
    const wait = (left: number) => {
      const now = Math.min(left, LONGEST_MS);
      timer = setTimeout(() => (left > now ? wait(left - now) : run()), now);
    };
    wait(ms);
    return () => clearTimeout(timer);
  },
  turn: () => new Promise((resolve) => setImmediate(resolve)),
};
