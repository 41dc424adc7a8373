import { type ChildProcess, spawn } from "node:child_process";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startEmbedded } from "../../src/embedded/index.ts";
import { isRunning, madeHome, startProgram, until } from "./support/scratch.ts";

/** Makes a cluster that is stopped but has the pid file of a server with another process id. */
async function withPidFile(home: string, pid: (owner: Owner) => Promise<number>): Promise<string> {
  const server = await startEmbedded({ dir: home });
  const file = join(server.dir, "data", "postmaster.pid");
  const text = await readFile(file, "utf8");
  await server.close();
  const { uid, gid } = await stat(join(server.dir, "data"));
  const lines = text.split("\n");
  lines[0] = String(await pid({ uid, gid }));
  await writeFile(file, lines.join("\n"));
  return file;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

function spawnAs(owner: Owner, command: string): ChildProcess {
  const as = process.getuid?.() === 0 ? owner : {};
  const child = spawn("/bin/sh", ["-c", command], { ...as, stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

test("after everything was killed at once the next start finds what was committed", async () => {
  const home = await madeHome();
  const program = startProgram({ home, mode: "hold" });
  const { pid, port } = await program.next("ready");
  program.child.kill("SIGKILL");
  process.kill(Number(pid), "SIGKILL");
  await program.ended;
  const next = await startEmbedded({ dir: home });
  expect(next.how).toBe("started");
  expect(next.port).toBe(port);
  await next.close();
});

test("a pid file of a process that is no more does not hinder the start", async () => {
  const home = await madeHome();
  await withPidFile(home, async (owner) => {
    const child = spawnAs(owner, "exit 0");
    await new Promise((resolve) => child.once("close", resolve));
    return child.pid as number;
  });
  const server = await startEmbedded({ dir: home });
  expect(server.how).toBe("started");
  await server.close();
});

test.runIf(process.platform === "linux")(
  "a pid file of a zombie, which the kernel still counts as a process, does not hinder the start",
  async () => {
    const home = await madeHome();
    await withPidFile(home, async (owner) => {
      // The sleeping parent never collects its child.
      const parent = spawnAs(owner, "sh -c 'echo $$' & exec sleep 600");
      const text = await new Promise<string>((resolve) => parent.stdout?.once("data", resolve));
      const pid = Number(text);
      await until(async () => /\) Z /.test(await readFile(`/proc/${pid}/stat`, "utf8")));
      return pid;
    });
    const server = await startEmbedded({ dir: home });
    expect(server.how).toBe("started");
    await server.close();
  },
);

test("a pid file whose number now belongs to another program does not hinder the start", async () => {
  const home = await madeHome();
  let stranger = 0;
  await withPidFile(home, async (owner) => {
    stranger = spawnAs(owner, "exec sleep 600").pid as number;
    return stranger;
  });
  const server = await startEmbedded({ dir: home });
  expect(server.how).toBe("started");
  await server.close();
  expect(isRunning(stranger)).toBe(true);
});

test("a pid file that names the server of another project does not lead there", async () => {
  const [home, otherHome] = [await madeHome(), await madeHome()];
  const other = await startEmbedded({ dir: otherHome });
  const file = await withPidFile(home, async () => other.pid);
  const lines = (await readFile(file, "utf8")).split("\n");
  lines[3] = String(other.port);
  await writeFile(file, lines.join("\n"));

  const server = await startEmbedded({ dir: home });
  expect(server.how).toBe("started");
  expect(server.pid).not.toBe(other.pid);
  await server.close();
  expect(isRunning(other.pid)).toBe(true);
  await other.close();
});

test("an empty or torn pid file does not hinder the start", async () => {
  const home = await madeHome();
  const file = await withPidFile(home, async () => 1);
  for (const text of ["", "garbage\n", "-5\n"]) {
    await writeFile(file, text);
    const server = await startEmbedded({ dir: home });
    expect(server.how).toBe("started");
    await server.close();
  }
});
