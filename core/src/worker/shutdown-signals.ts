/**
 * SIGTERM and SIGINT end a worker in order: first everything that serves drains, then the signal does
 * what it does, unless the program has something of its own to do then. A second signal is not waited for.
 */
type End = () => Promise<void>;

const SIGNALS = ["SIGTERM", "SIGINT"] as const;
const ends = new Set<End>();

/** Ends what serves; called once. The function returned takes it back. */
export function onShutdown(end: End): () => void {
  // Before those of the program, to see them: one that listens once is gone when it was called.
  if (ends.size === 0) for (const signal of SIGNALS) process.prependListener(signal, shutDown);
  ends.add(end);
  return () => {
    ends.delete(end);
    if (ends.size === 0) unlisten();
  };
}

function shutDown(signal: NodeJS.Signals): void {
  unlisten();
  const isOurs = process.listenerCount(signal) === 0;
  void Promise.allSettled([...ends].map((end) => end())).then(() => {
    if (isOurs) process.kill(process.pid, signal);
  });
}

function unlisten(): void {
  for (const signal of SIGNALS) process.off(signal, shutDown);
}
