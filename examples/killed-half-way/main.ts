/** A plain function, killed half-way: what `step()` does. */
import { tell } from "../story/tell.ts";
import type { Complaint } from "./refund.ts";

console.log("⚓ Holdfast   a function refunds an order, in five steps. At the fourth, kill -9.\n");
const complaint: Complaint = { order: "A-1042", text: "It never arrived." };
await tell<string>({
  worker: new URL("worker.ts", import.meta.url),
  app: "refund",
  input: complaint,
  killedIn: "write to the customer",
  inWords: (output) => output,
});
