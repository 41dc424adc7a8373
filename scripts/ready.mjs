// Makes a clone ready, then runs the command given: `node scripts/ready.mjs vitest run`.
// Starts on any Node from 20 with nothing installed, and says nothing when there is nothing to do.
// The command is run from here, not after `&&`: a shell that has looked `node` up once goes on using
// that one, and so would miss the Node that the install has just brought.
import { build } from "./ready/build.mjs";
import { environment } from "./ready/environment.mjs";
import { install } from "./ready/install.mjs";
import { withLock } from "./ready/lock.mjs";
import { assertNodeVersion } from "./ready/node-version.mjs";
import { Failure } from "./ready/phase.mjs";
import { run } from "./ready/run.mjs";

try {
  Object.assign(process.env, environment());
  await withLock(async () => {
    await install();
    assertNodeVersion();
    await build();
  });
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exit(1);
}

const [command, ...args] = process.argv.slice(2);
if (command !== undefined) await run(command, args);
