/**
 * The ground Holdfast stands on, in one minute: an embedded Postgres, and in it the journal of a
 * small run, written by one worker, taken over by another, read back by anyone. `npm start` runs it.
 */
import { createCodec, HoldfastError } from "@holdfast/core";
import { newId, openStore } from "@holdfast/core/store";

const began = performance.now();
const codec = createCodec();
const text = (value: unknown) => codec.encode(value).text;

const store = await openStore();
console.log(`⚓ Holdfast   ${store.description}   (ready in ${since(began)})\n`);

const { run } = await store.createRun({ runId: newId(), namespace: "examples", app: "support" });
console.log(`Run ${run.runId} of app "${run.app}"`);

// A worker writes what the agent does: a model call, then the tool the model asked for.
const conversation = [text({ role: "user", content: "Where is my order A-1042?" })];
const worker = await store.takeOver(run.runId);
const asked = worker.append({ entry: "started", kind: "model", name: "gpt", input: conversation });
conversation.push(text({ role: "assistant", tool: "find_order", args: { id: "A-1042" } }));
worker.append({ entry: "finished", step: asked.seq, value: { text: conversation.at(-1)! } });
const found = worker.append({ entry: "started", kind: "tool", name: "find_order" });
await found.durable;
console.log(`  worker 1 (epoch ${worker.epoch}) wrote ${worker.lastSeq} entries, then went silent`);

// Another worker takes the run over. From here on the first one cannot write a line.
const heir = await store.takeOver(run.runId);
const shipped = { status: "shipped", at: new Date("2026-11-20T09:30:00Z"), parcels: 2n };
await heir.append({ entry: "finished", step: found.seq, value: { text: text(shipped) } }).durable;
console.log(`  worker 2 (epoch ${heir.epoch}) took over and wrote entry ${heir.lastSeq}`);
try {
  await worker.append({ entry: "finished", step: found.seq }).durable;
} catch (error) {
  if (!HoldfastError.is(error, "RUN_TAKEN_OVER")) throw error;
  console.log("  worker 1 woke up and tried to write: refused, RUN_TAKEN_OVER\n");
}

console.log("The journal, as any process reads it:");
for await (const { seq, epoch, entry, kind = "", name = "", step, value } of store.journal(
  run.runId,
)) {
  const subject = step === undefined ? `${kind} ${name}` : `of ${step}`;
  console.log(`  ${seq}  epoch ${epoch}  ${entry.padEnd(9)} ${subject.padEnd(16)} ${value ?? ""}`);
}

await store.close();
console.log(`\nDone in ${since(began)}.`);
if (store.description.includes("(embedded)")) {
  console.log(
    "The database keeps it in .holdfast/ and stopped with the last process that used it.",
  );
  console.log("Look inside:  npx holdfast db start, then npx holdfast db url --show-password");
}
console.log(`Next to come: replay (a run killed half-way continues here), workers, then the adapters for
LangGraph.js, OpenAI Agents JS and Google ADK.`);

function since(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}
