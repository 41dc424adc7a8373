import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Runtime } from "@holdfast/core";
import { afterEach, expect, it } from "vitest";
import { testDatabase } from "../../core/test/support/test-database.ts";

const { url } = testDatabase();
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

interface Script {
  readonly child: ChildProcess;
  /** Resolves when it has said so much. */
  said(text: string): Promise<void>;
  /** How it ended, with all it said. */
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
}

function start(name: string): Script {
  const path = fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [path], {
    env: { ...process.env, HOLDFAST_DATABASE_URL: url },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, output }));
  return {
    child,
    ended,
    said: async (text) => {
      await expect.poll(() => output, { timeout: 20_000 }).toContain(text);
    },
  };
}

it("a script stays alive while it awaits an approval, and ends by itself after it", async () => {
  const script = start("awaits-approval");
  const runtime = new Runtime({ database: url });
  const handle = runtime.handle("refund");
  const status = async () => (await handle.status().catch(() => undefined))?.status;
  await expect.poll(status, { timeout: 20_000 }).toBe("waiting");
  const other = start("awaits-the-other");
  await other.said("asking");

  // Until every connection of the scripts is idle, and for longer than they could be by chance.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(script.child.exitCode).toBeNull();
  expect(other.child.exitCode).toBeNull();

  await handle.approve(undefined, { by: "ana" });
  const approvedAt = performance.now();
  const answer = `asking\n{"approved":true,"by":"ana"}\n`;
  expect(await script.ended).toEqual({ code: 0, output: answer });
  expect(await other.ended).toEqual({ code: 0, output: answer });
  expect(performance.now() - approvedAt).toBeLessThan(2_000);
  await runtime.close();
});

it("a script that is done ends by itself, though it closes nothing", async () => {
  const script = start("just-ends");
  await script.said("run completed");
  const saidAt = performance.now();
  expect(await script.ended).toEqual({ code: 0, output: "2\n4\nrun completed\n" });
  expect(performance.now() - saidAt).toBeLessThan(2_000);
});
