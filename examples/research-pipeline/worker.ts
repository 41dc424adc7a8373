/** A process that serves the pipeline, until the one that has started it is gone. */
import { LogLevel, setLogLevel } from "@google/adk";
import { Runtime } from "@holdfast/core";
import "@holdfast/adk";
import { model } from "./model.ts";
import { researchPipeline } from "./pipeline.ts";

setLogLevel(LogLevel.ERROR);
const runtime = new Runtime();
await runtime.serve({ research: researchPipeline(model) });
process.once("disconnect", () => runtime.close());
process.send!("serving");
