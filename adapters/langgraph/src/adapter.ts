/**
 * LangGraph under Holdfast. The graph runs on LangGraph's own engine. What makes it durable: model and
 * tool calls are steps, tasks are scopes, and a checkpointer of the run lets finished nodes be restored
 * and not run again. Invariant: the app and its objects are not changed.
 */
import type { Adapter, AppCall, ProgramEnd } from "@holdfast/core/adapter";
import type { RunnableConfig } from "@langchain/core/runnables";
import { Command } from "@langchain/langgraph";
import { Answers } from "./answers.ts";
import { graphOf, type LangGraphApp } from "./app.ts";
import { langGraphCodec } from "./codec.ts";
import { installFor } from "./install.ts";
import { ownMessages } from "./own-messages.ts";
import { RunSaver } from "./run-saver.ts";
import { SUPPORTED } from "./supported.ts";

export const langGraphAdapter: Adapter = {
  name: "langgraph",
  supported: SUPPORTED,
  codec: langGraphCodec,
  recognises: (app) => graphOf(app) !== undefined,
  nameOf: (app) => (app as LangGraphApp).name ?? nameOfGraph(app) ?? "LangGraph",
  install: (app) => installFor(graphOf(app)!),
  execute,
};

async function execute({ app, input, options, run }: AppCall): Promise<ProgramEnd> {
  const given = (options ?? {}) as RunnableConfig;
  const thread = String(given.configurable?.thread_id ?? run.runId);
  const saver = new RunSaver(run, { name: `run ${run.runId}${run.path}`, thread });
  const answers = new Answers(run, saver);
  const config = {
    ...given,
    durability: "sync",
    configurable: { ...given.configurable, thread_id: thread, __pregel_checkpointer: saver },
  };
  const invoke = (value: unknown) => (app as LangGraphApp).invoke(value, config);

  let taken = await answers.take();
  let output = await invoke(await firstInput());
  for (;;) {
    taken = await answers.take();
    if (taken.given === undefined) break;
    output = await invoke(new Command({ resume: taken.given }));
  }
  return { is: taken.anyOpen ? "left" : "ended", output };

  async function firstInput(): Promise<unknown> {
    if (taken.given !== undefined) return new Command({ resume: taken.given });
    return (await saver.hasBegun()) ? null : ownMessages(input);
  }
}

function nameOfGraph(app: unknown): string | undefined {
  return (graphOf(app) as { readonly name?: string } | undefined)?.name;
}
