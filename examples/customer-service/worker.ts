/** A process that serves the desk, until the one that has started it is gone. */
import { Runtime } from "@holdfast/core";
import "@holdfast/openai-agents";
import { triage } from "./desk.ts";
import { runner } from "./model.ts";

const runtime = new Runtime();
await runtime.serve({ desk: { agent: triage, runner: runner() } });
process.once("disconnect", () => runtime.close());
process.send!("serving");
