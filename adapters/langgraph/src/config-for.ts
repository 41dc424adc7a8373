/** The config by which an app's own methods see the state of a run, and change it. */
import type { RunnableConfig } from "@langchain/core/runnables";
import { graphOf } from "./app.ts";
import type { CheckpointSpace } from "./checkpoint-space.ts";
import { keptBy, lastingCheckpointerOf } from "./own-checkpointer.ts";
import { makerOf } from "./run-saver.ts";
import { type GraphWithChannels, StateSaver } from "./state-saver.ts";

export interface StateOfRun {
  readonly app: unknown;
  /** What the run was ordered with. */
  readonly options: unknown;
  readonly runId: string;
  /** Of a part of the run, the path of its scope. Default: the run itself. */
  readonly path?: string;
  /** The space of the run. */
  readonly space: CheckpointSpace;
}

/**
 * For `app.getState`, `app.getStateHistory` and `app.updateState`. A run that goes on takes what was
 * updated as its own; one that is over leaves it to the next run of its thread.
 */
export function configFor({ app, options, runId, path = "", space }: StateOfRun): RunnableConfig {
  const { thread, name } = keptBy(app, options, { runId, path });
  const by = { runId, maker: makerOf({ runId, path }) };
  const mirror = lastingCheckpointerOf(app);
  const graph = graphOf(app) as GraphWithChannels;
  const saver = new StateSaver(space, graph, { name, thread, by, mirror, shared: true });
  return {
    configurable: { thread_id: thread, checkpoint_ns: "", __pregel_checkpointer: saver },
  };
}
