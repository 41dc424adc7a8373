/** The runs of a runtime's namespace, as lists show them. */
import type { RunStatus } from "../store/index.ts";
import type { Opened } from "./opened.ts";
import { runIdOf } from "./run-order.ts";
import { type RunReport, runReport, runReports } from "./run-report.ts";

export interface RunsFilter {
  readonly app?: string;
  readonly status?: RunStatus;
  /** How many at most. Default: 100. */
  readonly limit?: number;
  /** The last run of the page before this one. Default: from the newest on. */
  readonly before?: Pick<RunReport, "id" | "createdAt">;
}

const PAGE = 100;

export class Runs {
  readonly #open: () => Promise<Opened>;

  constructor(open: () => Promise<Opened>) {
    this.#open = open;
  }

  /** The newest first. */
  async list({ limit = PAGE, before, ...filter }: RunsFilter = {}): Promise<readonly RunReport[]> {
    const opened = await this.#open();
    const { store, namespace } = opened;
    const after = before && { runId: before.id, createdAt: before.createdAt };
    const runs = await store.runs({
      ...filter,
      namespace,
      limit,
      ...(after === undefined ? {} : { before: after }),
    });
    return runReports(opened, runs);
  }

  /** By its id, or by the name it was given. */
  async get(id: string): Promise<RunReport | undefined> {
    const opened = await this.#open();
    const run = await opened.store.run(runIdOf(id, opened.namespace));
    return run && runReport(opened, run);
  }
}
