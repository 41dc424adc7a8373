// An app with a node that a cache answers, in whichever process: the cache is a file, and outlives them.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { END, START, StateGraph } from "@langchain/langgraph";
import { BaseCache, type CacheFullKey } from "@langchain/langgraph-checkpoint";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import type { DurableApp } from "./crash-scenario.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { Lines } from "./scenarios/lines.ts";
import type { Effect } from "./scenarios/scenario.ts";

/** Keeps the one thing that is put into it. */
class FileCache extends BaseCache {
  readonly #file: string;
  constructor(file: string) {
    super();
    this.#file = file;
  }
  get isFull(): boolean {
    return existsSync(this.#file);
  }
  override async get([key]: CacheFullKey[]) {
    if (key === undefined || !this.isFull) return [];
    return [{ key, value: await this.serde.loadsTyped("json", readFileSync(this.#file)) }];
  }
  override async set([pair]: { key: CacheFullKey; value: unknown }[]) {
    const [, bytes] = await this.serde.dumpsTyped(pair?.value);
    // Whole or not at all, also if its process is killed.
    writeFileSync(`${this.#file}.draft`, bytes);
    renameSync(`${this.#file}.draft`, this.#file);
  }
  override async clear() {}
}

/** In each of three rounds the same is asked, of a model in the first one, and something is looked up. */
function app(effect: Effect, cache: FileCache): DurableApp {
  const model = new FakeModel(effect, () => "answer");
  const look = fakeTool(effect, "look");
  const ask = async () => ({ lines: [(await model.invoke("ask")).text] });
  const count = async ({ number }: typeof Lines.State) => {
    // LangGraph waits for nobody who fills a cache: killed before, the model would be asked again.
    while (!cache.isFull) await sleep(1);
    return { number: number + 1, lines: [await look.invoke({ q: `${number}` })] };
  };
  return new StateGraph(Lines)
    .addNode("ask", ask, { cachePolicy: { keyFunc: () => "same", ttl: 60 } })
    .addNode("count", count)
    .addEdge(START, "ask")
    .addEdge("ask", "count")
    .addConditionalEdges("count", ({ number }) => (number < 3 ? "ask" : END))
    .compile({ cache });
}

/** @param folder where the caches of all runs are */
export function cached(folder: string): CrashScenario {
  return {
    name: "cache",
    async run({ runtime, runId, effect }) {
      const cache = new FileCache(join(folder, runId));
      return runtime.run(app(effect, cache), {}, { durable: { runId } });
    },
  };
}
