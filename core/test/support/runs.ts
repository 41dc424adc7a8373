import { newId, type Run, type Store } from "../../src/store/index.ts";

/** A fresh run, in a space of its own unless one is given. */
export async function newRun(store: Store, spaceId?: string): Promise<Run> {
  const runId =
    spaceId === undefined ? newId() : newId(Number.parseInt(spaceId.slice(-3), 16) % 1024);
  const { run } = await store.createRun({
    runId,
    ...(spaceId === undefined ? {} : { spaceId }),
    namespace: "test",
    app: "app",
  });
  return run;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
