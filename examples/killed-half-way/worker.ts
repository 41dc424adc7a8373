/** A process that serves the app, until the one that has started it is gone. */
import { Runtime } from "@holdfast/core";
import { refund } from "./refund.ts";

const runtime = new Runtime();
await runtime.serve({ refund });
process.once("disconnect", () => runtime.close());
process.send!("serving");
