import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { isGone, placeOf, processIdentity } from "../../src/store/workers/process-identity.ts";

const isRoot = process.getuid?.() === 0;

async function running(command: string, args: readonly string[], options: object = {}) {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], ...options });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [said] = await once(child.stdout, "data");
  return { child, said: String(said).trim() };
}

const ALIVE = ["-e", "console.log(1); setInterval(() => {}, 1000)"];

/** A process that is dead and that its parent has not asked about. */
async function zombie(): Promise<{ identity: string; kill: () => Promise<void> }> {
  // The shell becomes a program that never waits for the child it is given with that.
  const { said } = await running("sh", ["-c", "sleep 600 & echo $!; exec sleep 600"]);
  const pid = Number(said);
  onTestFinished(() => {
    process.kill(pid, "SIGKILL");
  });
  const state = () => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]![0];
  return {
    identity: processIdentity(pid)!,
    async kill() {
      process.kill(pid, "SIGKILL");
      while (state() !== "Z") await sleep(5);
    },
  };
}

describe.runIf(process.platform === "linux")("the identity of a process", () => {
  it("is the same each time it is asked for, and that of no other", async () => {
    const own = processIdentity()!;
    expect(own).toMatch(/^[\w-]+\/pid:\[\d+\]\/\d+\/\d+$/);
    expect(processIdentity()).toBe(own);
    const { child } = await running(process.execPath, ALIVE);
    const other = processIdentity(child.pid!)!;
    expect(other).not.toBe(own);
    expect(placeOf(other)).toBe(placeOf(own));
    expect(isGone(own)).toBe(false);
    expect(isGone(other)).toBe(false);
  });

  it("tells that a process was killed", async () => {
    const { child } = await running(process.execPath, ALIVE);
    const identity = processIdentity(child.pid!)!;
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isGone(identity)).toBe(true);
    expect(processIdentity(child.pid!)).toBeUndefined();
  });

  it("tells that a process is dead that nobody has reaped", async () => {
    const { identity, kill } = await zombie();
    expect(isGone(identity)).toBe(false);
    await kill();
    expect(isGone(identity)).toBe(true);
  });

  it("tells a stopped process from a dead one", async () => {
    const { child } = await running(process.execPath, ALIVE);
    const identity = processIdentity(child.pid!)!;
    child.kill("SIGSTOP");
    expect(isGone(identity)).toBe(false);
  });

  it("tells that the number now belongs to another process, which began at another time", () => {
    const [boot, namespace, pid, start] = processIdentity()!.split("/");
    expect(isGone([boot, namespace, pid, Number(start) - 1].join("/"))).toBe(true);
  });

  it("is not confused by the name of a program", async () => {
    const named = 'process.title = "a) R 1 (b"; console.log(1); setInterval(() => {}, 1000)';
    const { child } = await running(process.execPath, ["-e", named]);
    const identity = processIdentity(child.pid!)!;
    expect(readFileSync(`/proc/${child.pid}/stat`, "utf8")).toContain("(a) R 1 (b)");
    expect(identity.split("/")[3]).toMatch(/^\d{3,}$/);
    expect(isGone(identity)).toBe(false);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isGone(identity)).toBe(true);
  });

  it.runIf(isRoot)("tells of processes of another user, whom one may not signal", async () => {
    const { child } = await running(process.execPath, ALIVE);
    const identity = processIdentity(child.pid!)!;
    const module = new URL("../../src/store/workers/process-identity.ts", import.meta.url).href;
    const program = `const { isGone } = await import(${JSON.stringify(module)});
      console.log("ready");
      for await (const _ of process.stdin) {
        let signalled = true;
        try { process.kill(${child.pid}, 0) } catch (error) { signalled = error.code !== "EPERM" }
        console.log(JSON.stringify({ signalled, gone: isGone(${JSON.stringify(identity)}) }));
      }`;
    const args = ["--input-type=module", "-e", program];
    const nobody = await running(process.execPath, args, { uid: 65_534, gid: 65_534 });
    const ask = async () => {
      nobody.child.stdin.write("?\n");
      const [said] = await once(nobody.child.stdout, "data");
      return JSON.parse(String(said));
    };
    expect(await ask()).toEqual({ signalled: false, gone: false });
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await ask()).toMatchObject({ gone: true });
  });

  it.each(["", "nonsense", "a/b/c/d", "boot/pid:[1]//"])(
    "that makes no sense is of nobody who is certainly gone: %o",
    (identity) => {
      expect(isGone(identity)).toBe(false);
    },
  );
});
