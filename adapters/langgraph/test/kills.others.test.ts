// Real processes that have to do with others, killed by SIGKILL again and again: with who reads a stream, with
// savers and threads, with a model's client and its server, with a cache.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Killed } from "../../../conformance/src/crash/index.ts";
import { type OpenAIServer, openAIServer } from "../../../conformance/src/http/index.ts";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import { allThatCall, allUnusual, allWithOthers } from "./all-at-once.ts";
import { cached } from "./cached.ts";
import { FORMS, load, writeProgram } from "./copied-program.ts";
import { expectAsBare, killAgainAndAgain, undisturbed } from "./killed.ts";
import {
  asLine,
  formsOfEnds,
  isEnd,
  isState,
  oneByOne,
  oneByOneForm,
  toldIn,
} from "./one-by-one.ts";
import { bare as streamed } from "./streamed.ts";

const database = testDatabase();

/** For the test and its processes. */
async function openAI(): Promise<OpenAIServer> {
  const server = await openAIServer();
  onTestFinished(() => server.close());
  vi.stubEnv("OPENAI_BASE_URL", server.url);
  onTestFinished(() => void vi.unstubAllEnvs());
  return server;
}

test("all that have to do with others in one process, killed again and again", async () => {
  const saver = new PostgresSaver(database.pool);
  await saver.setup();
  const server = await openAI();
  const scenario = allWithOthers({ saver, baseURL: server.url });
  const { kills, parts } = await killAgainAndAgain(scenario, database);
  expect(kills).toBeGreaterThanOrEqual(2);
  for (const [index, part] of scenario.parts!.entries()) {
    const { effects, ...killed } = parts[index]!;
    const isTold = ({ key }: { readonly key: string }) => toldIn(key) !== undefined;
    const expected = await undisturbed(part);
    expectAsBare(
      { ...expected, effects: expected.effects.filter((key) => !isTold({ key })) },
      { ...killed, effects: effects.filter((effect) => !isTold(effect)) },
    );
  }
  const [states] = await streamed(oneByOne, oneByOneForm);
  expectStates(states!.map(asLine), parts[0]!.effects);
  for (const [index, form] of formsOfEnds.entries()) {
    const [whole] = await streamed(oneByOne, form);
    const told = toldByProcess(whole!.map(asLine).filter(isEnd), parts[1 + index]!.effects);
    expect(told.flat()).not.toEqual([]);
  }
});

/** What each process told, in their order. Each tells a piece of the whole. */
function toldByProcess(
  whole: readonly string[],
  effects: Killed["effects"],
): readonly (readonly string[])[] {
  const byProcess = [...Map.groupBy(effects, ({ pid }) => pid).values()].map((of) =>
    of.flatMap(({ key }) => toldIn(key) ?? []),
  );
  expect(byProcess.length).toBeGreaterThan(1);
  for (const told of byProcess) {
    const begin = told.length === 0 ? 0 : whole.indexOf(told[0]!);
    expect(told).toEqual(whole.slice(begin, begin + told.length));
  }
  return byProcess;
}

/**
 * The first process tells the beginning, and none a state that was told before. Who is killed while they
 * read the end of a run that is over is not told it again.
 */
function expectStates(whole: readonly string[], effects: Killed["effects"]): void {
  const byProcess = toldByProcess(whole, effects);
  expect(byProcess[0]?.[0]).toBe(whole[0]);
  // If nothing was durable when it died, the next begins anew.
  const begin = byProcess.findLastIndex(([line]) => line === whole[0]);
  const states = byProcess.slice(begin).flat().filter(isState);
  expect(states.toSorted()).toEqual([...new Set(states)].toSorted());
}

test("all ways of calling a model, killed in the middle of them", async () => {
  const { url, requests } = await openAI();
  const scenario = allThatCall(url);
  const { kills, parts, effects } = await killAgainAndAgain(scenario, database);
  expect(kills).toBeGreaterThanOrEqual(1);
  // Whatever is asked of the server is one of the effects.
  expect(requests.length).toBeLessThanOrEqual(
    effects.filter(({ key }) => key.includes("request")).length,
  );
  for (const [index, part] of scenario.parts!.entries()) {
    expectAsBare(await undisturbed(part), parts[index]!);
  }
});

test("a node that a cache answers is answered by it in the next process, too", async () => {
  const caches = await folder("holdfast-cache-");
  vi.stubEnv("HOLDFAST_TEST_CACHE", caches);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { kills, ...killed } = await killAgainAndAgain(cached(caches), database);
  expect(kills).toBe(1);
  expectAsBare(await undisturbed(cached(caches)), killed);
});

test("apps of copies of the packages, and calls that are not seen, killed in the middle of them", async () => {
  const files = await Promise.all(
    FORMS.map(async (form) => writeProgram(await folder("holdfast copies-"), form)),
  );
  vi.stubEnv("HOLDFAST_TEST_COPIES", files.join("\n"));
  onTestFinished(() => void vi.unstubAllEnvs());
  const [imported, required] = await Promise.all(files.map(load));
  const scenario = allUnusual({ import: imported!, require: required! });
  const { kills, parts } = await killAgainAndAgain(scenario, database);
  expect(kills).toBeGreaterThanOrEqual(1);
  for (const [index, part] of scenario.parts!.entries()) {
    expectAsBare(await undisturbed(part), parts[index]!);
  }
});

/** Gone when the test is over. */
async function folder(prefix: string): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), prefix));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}
