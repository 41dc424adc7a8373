/** A process that serves the agent, until the one that has started it is gone. */
import { Runtime } from "@holdfast/core";
import "@holdfast/langgraph";
import { agent } from "./agent.ts";

const runtime = new Runtime();
await runtime.serve({ refund: agent });
process.once("disconnect", () => runtime.close());
process.send!("serving");
