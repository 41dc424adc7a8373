/**
 * SIGTERM and SIGINT end a worker in order: first everything that serves drains, then the signal does
 * what it does. A second signal is not waited for.
 */
const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** Ends what serves; called once. The function returned takes it back. */
export function onShutdown(end: () => Promise<void>): () => void {
  const handlers = SIGNALS.map((signal) => {
    const handle = () => {
      stop();
      void end().finally(() => {
        // Unless the program has something of its own to do first.
        if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
      });
    };
    process.once(signal, handle);
    return [signal, handle] as const;
  });
  const stop = () => {
    for (const [signal, handle] of handlers) process.off(signal, handle);
  };
  return stop;
}
