/** The config by which an app's own methods see the state of a run, and change it. */
import { HoldfastError } from "@holdfast/core";
import type { StateOfRun } from "@holdfast/core/adapter";
import type { RunnableConfig } from "@langchain/core/runnables";
import { graphOf } from "./app.ts";
import { SpaceFromOutside } from "./checkpoint-space.ts";
import { keptBy, lastingCheckpointerOf, ownCheckpointerOf } from "./own-checkpointer.ts";
import { type GraphWithChannels, StateSaver } from "./state-saver.ts";

/** Throws APP_HAS_NO_STATE for a graph of which LangGraph keeps nothing. */
export function configFor({ app, options, runId, space }: StateOfRun): RunnableConfig {
  if (ownCheckpointerOf(app) === false) throw keepsNothing();
  const { configurable = {}, ...others } = options as RunnableConfig;
  // Where to look is told by who asks.
  const { checkpoint_id: _, checkpoint_map: __, ...settings } = configurable;
  const { thread, name } = keptBy(app, options, { runId, path: "" });
  const saver = new StateSaver(new SpaceFromOutside(space), graphOf(app) as GraphWithChannels, {
    name,
    thread,
    runId,
    mirror: lastingCheckpointerOf(app),
  });
  return {
    ...others,
    configurable: {
      ...settings,
      thread_id: thread,
      checkpoint_ns: "",
      __pregel_checkpointer: saver,
    },
  };
}

function keepsNothing(): HoldfastError {
  return new HoldfastError(
    "APP_HAS_NO_STATE",
    "The graph was compiled with `checkpointer: false`: nothing of its state is kept.",
    { hint: "Compile it without that, and run it once more." },
  );
}
