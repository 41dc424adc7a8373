/** Time, as the journal needs it. Injected, so that tests can run years of it in a moment. */
export interface Scheduler {
  /** Calls `run` after `ms`; the function returned prevents it. */
  after(ms: number, run: () => void): () => void;
  /** Resolves when everything that is ready to run by now has run. */
  turn(): Promise<void>;
}

export const realTime: Scheduler = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  turn: () => new Promise((resolve) => setImmediate(resolve)),
};
