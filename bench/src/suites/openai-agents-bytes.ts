/** What agents of OpenAI's SDK take in the database, beside the texts that were said, and where it is. */
import { Runtime } from "@holdfast/core";
import "@holdfast/openai-agents";
import { openStore } from "@holdfast/core/store";
import type { BenchServer } from "../bench-server.ts";
import { markdownTable, megabytes, number } from "../markdown.ts";
import { randomText } from "../random-text.ts";
import { bytesByPlace, type Place } from "../storage-places.ts";
import { storageSize } from "../storage-size.ts";
import { chattingAgent, TEXT_LENGTH, workingAgent } from "../workloads/openai-agent.ts";
import type { Suite } from "./suite.ts";

const RUN_TURNS = 200;
const CHAT_TURNS = [50, 200];

export const openaiAgentsBytes: Suite = async (server, { progress }) => {
  progress(`openai-agents: bytes of a run of ${RUN_TURNS} turns`);
  const stored = [await storedBy(server, `run, ${RUN_TURNS} turns`, RUN_TURNS, working)];
  for (const turns of CHAT_TURNS) {
    progress(`openai-agents: bytes of a chat of ${turns} turns`);
    stored.push(await storedBy(server, `chat, ${turns} turns`, turns, chatting));
  }
  return [sizes(stored), "#### Of one turn", places(stored)].join("\n\n");
};

interface Stored {
  readonly name: string;
  readonly turns: number;
  readonly text: number;
  readonly rows: number;
  readonly disk: number;
  readonly places: readonly Place[];
}

/** @param talk returns everything that was said */
function storedBy(
  server: BenchServer,
  name: string,
  turns: number,
  talk: (runtime: Runtime, turns: number) => Promise<readonly string[]>,
): Promise<Stored> {
  return server.withDatabase(async (url) => {
    await (await openStore({ database: url })).close();
    const empty = await storageSize(url);
    const runtime = new Runtime({ database: url });
    const said = await talk(runtime, turns);
    await runtime.close();
    const { rows, disk } = await storageSize(url);
    const text = said.reduce((sum, one) => sum + Buffer.byteLength(one), 0);
    const places = await bytesByPlace(url);
    return { name, turns, text, rows: rows - empty.rows, disk: disk - empty.disk, places };
  });
}

async function working(runtime: Runtime, turns: number): Promise<readonly string[]> {
  const { agent, said } = workingAgent(turns);
  await runtime.run(agent, "Go.", { maxTurns: turns });
  return said;
}

async function chatting(runtime: Runtime, turns: number): Promise<readonly string[]> {
  const { agent, said } = chattingAgent();
  const asked: string[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const question = randomText(TEXT_LENGTH);
    asked.push(question);
    await runtime.run(agent, question, { session: "chat" });
  }
  return [...asked, ...said];
}

function sizes(stored: readonly Stored[]): string {
  return markdownTable(
    ["", "text MB", "rows MB", "rows ÷ text", "disk MB", "disk ÷ text"],
    stored.map(({ name, text, rows, disk }) => [
      name,
      megabytes(text),
      megabytes(rows),
      number(rows / text, 2),
      megabytes(disk),
      number(disk / text, 2),
    ]),
  );
}

function places(stored: readonly Stored[]): string {
  const names = [...new Set(stored.flatMap((one) => one.places.map(({ name }) => name)))];
  return markdownTable(
    ["bytes of rows", ...stored.map(({ name }) => name)],
    names.map((name) => [
      name,
      ...stored.map((one) => {
        const bytes = one.places.find((place) => place.name === name)?.bytes;
        return number(bytes && bytes / one.turns, 0);
      }),
    ]),
  );
}
