import { type NewRun, newId, type Run, type Served, type Store } from "../../../src/store/index.ts";

/** An app of a namespace of its own, so that what claims its runs claims no others. */
export interface AppOfRuns {
  readonly served: Served;
  create(store: Store, given?: Partial<NewRun>): Promise<Run>;
}

export function appOfRuns(): AppOfRuns {
  const served = { namespace: newId(), apps: ["app"], queues: ["default"] };
  const { namespace } = served;
  return {
    served,
    async create(store, given = {}) {
      const made = { runId: newId(), namespace, app: "app", ...given };
      return (await store.createRun(made)).run;
    },
  };
}
