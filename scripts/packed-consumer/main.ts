// A stranger's first program: the packed packages in an empty project, nothing else of this clone.
import assert from "node:assert/strict";
import { HoldfastError } from "@holdfast/core";
import { startEmbedded } from "@holdfast/core/embedded";

assert.ok(HoldfastError.is(new HoldfastError("OPTION_INVALID", "A test.", { hint: "None." })));

const postgres = await startEmbedded();
try {
  assert.match(postgres.url, /^postgres:\/\//);
  console.log(`PostgreSQL is ready (${postgres.how}).`);
} finally {
  await postgres.close();
}
