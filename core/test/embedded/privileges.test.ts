import { chmod, chown, mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { embeddedStatus, startEmbedded } from "../../src/embedded/index.ts";
import {
  isRoot,
  madeHome,
  ordinaryUser,
  scratchDirectory,
  scratchHome,
  startProgram,
  stopAfterTest,
} from "./support/scratch.ts";

test.runIf(isRoot)("root runs the server as a user of its own", async () => {
  const server = await startEmbedded({ dir: await scratchHome() });
  const { uid } = await stat(`/proc/${server.pid}`);
  expect(uid).not.toBe(0);
  expect((await stat(join(server.dir, "data"))).uid).toBe(uid);
  await server.close();
});

test.runIf(isRoot)(
  "root with a project that others cannot enter keeps the cluster where they can, and finds it again",
  async () => {
    const closed = join(await scratchDirectory(), "project");
    await mkdir(closed, { mode: 0o700 });
    const home = join(closed, ".holdfast");
    stopAfterTest(home);
    const programs = [1, 2].map(() => startProgram({ home, mode: "hold" }));
    const [first, second] = await Promise.all(programs.map((program) => program.next("ready")));
    expect(first?.dir).toMatch(/^\/var\/lib\/holdfast\/project-[0-9a-f]{12}\/pg18$/);
    expect(second?.pid).toBe(first?.pid);
    expect((await readdir(home)).sort()).toEqual([".gitignore", "location"]);
    for (const program of programs) program.send("close");
    await Promise.all(programs.map((program) => program.ended));

    // Also after the obstacle is gone: the data are where they are.
    await chmod(closed, 0o755);
    const again = await startEmbedded({ dir: home });
    expect(again).toMatchObject({ how: "started", dir: first?.dir, port: first?.port });
    await again.close();
  },
);

test("a home that is there already, empty and closed, is opened as far as needed", async () => {
  const home = join(await scratchDirectory(), "given");
  await mkdir(home, { mode: 0o700 });
  stopAfterTest(home);
  const server = await startEmbedded({ dir: home });
  expect(server.dir).toBe(join(home, "pg18"));
  expect((await stat(home)).mode & 0o777).toBe(isRoot ? 0o711 : 0o700);
  await server.close();
});

test("directories made on the way to the home are ordinary ones", async () => {
  const root = await scratchDirectory();
  const home = join(root, "a", "b");
  stopAfterTest(home);
  const server = await startEmbedded({ dir: home });
  expect(server.dir).toBe(join(home, "pg18"));
  expect((await stat(join(root, "a"))).mode & 0o777).toBe(0o777 & ~process.umask());
  await server.close();
});

test.runIf(isRoot)("an ordinary user runs the server as themselves", async () => {
  const user = await ordinaryUser();
  const dir = await scratchDirectory();
  await chown(dir, user.uid, user.gid);
  const home = join(dir, ".holdfast");
  stopAfterTest(home);
  const program = startProgram({ home, mode: "hold", ...user });
  const { how, pid } = await program.next("ready");
  expect(how).toBe("initialised");
  expect((await stat(`/proc/${pid}`)).uid).toBe(user.uid);
  expect((await stat(home)).mode & 0o777).toBe(0o700);

  // Root joins in, heals and starts it in the name of that user.
  const asRoot = await startEmbedded({ dir: home });
  expect(asRoot).toMatchObject({ how: "attached", pid });
  program.send("close");
  await program.ended;
  await asRoot.close();
  const restarted = await startEmbedded({ dir: home });
  expect(restarted.how).toBe("started");
  expect((await stat(`/proc/${restarted.pid}`)).uid).toBe(user.uid);
  await restarted.close();

  // And afterwards the user can again.
  const again = startProgram({ home, mode: "leave", ...user });
  expect(await again.next("ready")).toMatchObject({ how: "started" });
  await again.next("closed");
});

test.runIf(isRoot)("a user without an account is told what to do", async () => {
  const dir = await scratchDirectory();
  await chown(dir, 54_321, 54_321);
  const home = join(dir, ".holdfast");
  const program = startProgram({ home, mode: "leave", uid: 54_321, gid: 54_321 });
  const { code, message } = await program.next("failed");
  expect(code).toBe("EMBEDDED_START_FAILED");
  expect(message).toMatch(/user id 54321 has none in \/etc\/passwd/);
  expect(await readdir(home)).toEqual([".gitignore"]);
});

test.runIf(isRoot)("the database of another user is refused, not damaged", async () => {
  const home = await madeHome();
  const before = await readFile(join(home, "pg18", "password"), "utf8");
  const program = startProgram({ home, mode: "leave", ...(await ordinaryUser()) });
  const { code, message } = await program.next("failed");
  expect(code).toBe("EMBEDDED_START_FAILED");
  expect(message).toMatch(/belongs to another user/);
  expect(await readFile(join(home, "pg18", "password"), "utf8")).toBe(before);
  expect((await embeddedStatus({ dir: home })).state).toBe("stopped");
});

test("a home that cannot be written to is an error that names HOLDFAST_HOME", async () => {
  const dir = await scratchDirectory();
  await chmod(dir, 0o555);
  const home = join(dir, ".holdfast");
  const user = isRoot ? await ordinaryUser() : {};
  const program = startProgram({ home, mode: "leave", ...user });
  const { code, message } = await program.next("failed");
  expect(code).toBe("EMBEDDED_START_FAILED");
  expect(message).toMatch(/EACCES[\s\S]*HOLDFAST_HOME/);
});
