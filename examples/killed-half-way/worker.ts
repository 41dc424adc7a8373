/** A process that runs the app: from the beginning, or from where another one left it. */
import { Runtime, silentLogger } from "@holdfast/core";
import { refund } from "./refund.ts";

const logger = { ...silentLogger, info: (text: string) => console.log(`    ${text}`) };
const runtime = new Runtime({ logger });
const complaint = { order: "A-1042", text: "My parcel never arrived." };

const run = await runtime.start(refund, complaint, { durable: { runId: process.argv[2]! } });
process.send!("started");
await run.result();
await runtime.close();
process.disconnect();
