/**
 * LangGraph under Holdfast. The graph runs on LangGraph's own engine. What makes it durable: model and
 * tool calls are steps, tasks are scopes, and a checkpointer of the run lets finished nodes be restored
 * and not run again. Invariant: the app and its objects are not changed.
 */
import type { Adapter, AppCall, ProgramEnd } from "@holdfast/core/adapter";
import { graphOf, type LangGraphApp } from "./app.ts";
import { langGraphCodec } from "./codec.ts";
import { configFor } from "./config-for.ts";
import { describe } from "./describe.ts";
import { answersIn } from "./given-answers.ts";
import { installFor } from "./install.ts";
import { ownCheckpointerOf, threadOf } from "./own-checkpointer.ts";
import { ownMessages } from "./own-messages.ts";
import { streamOfGraph } from "./stream.ts";
import { splitForm } from "./stream-form.ts";
import { type StreamableApp, StreamedGraph } from "./streamed-graph.ts";
import { SUPPORTED } from "./supported.ts";
import { Turns } from "./turns.ts";

export const langGraphAdapter: Adapter = {
  name: "langgraph",
  supported: SUPPORTED,
  codec: langGraphCodec,
  recognises: (app) => graphOf(app) !== undefined,
  nameOf: (app) => (app as LangGraphApp).name ?? nameOfGraph(app) ?? "LangGraph",
  install: (app) => installFor(graphOf(app)!),
  describe,
  configFor,
  threadOf,
  answersIn,
  execute: (call) => go(call),
  stream: ({ emit, ...call }) => go(call, emit),
  streamOf: streamOfGraph,
};

/** What a run comes to is the same in whichever form it is streamed, or if it is not. */
async function go(
  { options: given, ...call }: AppCall,
  emit?: (piece: unknown) => void,
): Promise<ProgramEnd> {
  const { form, own } = splitForm(given);
  const app = call.app as StreamableApp;
  const streamed = emit && new StreamedGraph({ app, options: own, form, run: call.run, emit });
  if (ownCheckpointerOf(app) === false) {
    const input = ownMessages(call.input);
    return { is: "ended", output: await (streamed?.call(input, own) ?? app.invoke(input, own)) };
  }
  const turns = new Turns({ ...call, options: own });
  let output: unknown;
  let hasGone = false;
  for (let turn = await turns.first(); turn.is === "go"; turn = await turns.next()) {
    const { input, isCut } = turn;
    output = await (streamed?.call(input, turns.config, isCut) ?? app.invoke(input, turns.config));
    hasGone = true;
  }
  const end = await turns.end(output);
  if (end.is === "left" && !hasGone) streamed?.waits();
  return end;
}

function nameOfGraph(app: unknown): string | undefined {
  return (graphOf(app) as { readonly name?: string } | undefined)?.name;
}
