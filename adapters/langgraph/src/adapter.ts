/**
 * LangGraph under Holdfast. The graph runs on LangGraph's own engine. What makes it durable: model and
 * tool calls are steps, tasks are scopes, and a checkpointer of the run lets finished nodes be restored
 * and not run again. Invariant: the app and its objects are not changed.
 */
import type { Adapter, AppCall, ProgramEnd } from "@holdfast/core/adapter";
import { graphOf, type LangGraphApp } from "./app.ts";
import { langGraphCodec } from "./codec.ts";
import { answersIn } from "./given-answers.ts";
import { installFor } from "./install.ts";
import { ownCheckpointerOf, threadOf } from "./own-checkpointer.ts";
import { ownMessages } from "./own-messages.ts";
import { SUPPORTED } from "./supported.ts";
import { Turns } from "./turns.ts";

export const langGraphAdapter: Adapter = {
  name: "langgraph",
  supported: SUPPORTED,
  codec: langGraphCodec,
  recognises: (app) => graphOf(app) !== undefined,
  nameOf: (app) => (app as LangGraphApp).name ?? nameOfGraph(app) ?? "LangGraph",
  install: (app) => installFor(graphOf(app)!),
  threadOf,
  answersIn,
  execute,
};

async function execute(call: AppCall): Promise<ProgramEnd> {
  const app = call.app as LangGraphApp;
  if (ownCheckpointerOf(app) === false) {
    const options = call.options as object | undefined;
    return { is: "ended", output: await app.invoke(ownMessages(call.input), options) };
  }
  const turns = new Turns(call);
  let output: unknown;
  for (let turn = await turns.first(); turn.is === "go"; turn = await turns.next()) {
    output = await app.invoke(turn.input, turns.config);
  }
  return turns.end(output);
}

function nameOfGraph(app: unknown): string | undefined {
  return (graphOf(app) as { readonly name?: string } | undefined)?.name;
}
