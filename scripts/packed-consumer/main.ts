// A stranger's first program: the packed packages in an empty project, and nothing else of this
// clone. Finds its embedded database, writes a journal, and reads it back in a second opening.
import assert from "node:assert/strict";
import { HoldfastError } from "@holdfast/core";
import { startEmbedded } from "@holdfast/core/embedded";
import { type Entry, newId, openStore } from "@holdfast/core/store";

const runId = newId();

const writing = await openStore();
await writing.createRun({ runId, namespace: "default", app: "greeter" });
const writer = await writing.takeOver(runId);
const { seq } = writer.append({ entry: "started", kind: "tool", name: "greet", input: ['"Ada"'] });
await writer.append({ entry: "finished", step: seq, value: { text: '"Hello, Ada"' } }).durable;
await writing.close();

const reading = await openStore();
const entries: Entry[] = [];
for await (const entry of reading.journal(runId)) entries.push(entry);
await assert.rejects(reading.takeOver(newId()), (error) =>
  HoldfastError.is(error, "RUN_NOT_FOUND"),
);
await reading.close();

assert.deepEqual(
  entries.map(({ entry, name, step, value }) => [entry, name, step, value]),
  [
    ["started", "greet", undefined, undefined],
    ["finished", undefined, 1, '"Hello, Ada"'],
  ],
);

const postgres = await startEmbedded();
console.log(`Read back ${entries.length} entries; the embedded PostgreSQL was ${postgres.how}.`);
await postgres.close();
