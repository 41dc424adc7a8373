/** What an app looks up in its memory, and what it adds to it, are steps. */
import type { BaseMemoryService, Event, SearchMemoryResponse, Session } from "@google/adk";
import {
  changeShared,
  durableStep,
  outsideRuns,
  type RunContext,
  readShared,
  type SharedName,
} from "@holdfast/core/adapter";
import { type AdkCopy, loadedCopies } from "./copies.ts";
import { intercept } from "./intercept.ts";
import { eventOf, plainEvent } from "./plain-event.ts";
import type { Owner } from "./shared-state.ts";

type SearchMemoryRequest = Parameters<BaseMemoryService["searchMemory"]>[0];

/** Of ADK's own service, which forgets with its process, the memory is kept in Holdfast's store. */
export function keepMemory(copy: AdkCopy, service: BaseMemoryService): void {
  const isOwn = isInMemory(service);
  intercept<BaseMemoryService, [SearchMemoryRequest], Promise<SearchMemoryResponse>>(
    service,
    "searchMemory",
    ({ run, original }, request) =>
      durableStep(run, {
        kind: "retrieval",
        name: "searchMemory",
        input: [request],
        async body() {
          const there = await outsideRuns(() => original(request));
          return isOwn ? meet(run, await search(run, copy, request), there) : there;
        },
      }),
  );
  intercept<BaseMemoryService, [Session], Promise<void>>(
    service,
    "addSessionToMemory",
    async ({ run, original }, session) => {
      const { appName, userId, id, events } = session;
      await durableStep(run, {
        kind: "store",
        name: "addSessionToMemory",
        input: [{ appName, userId, id, upTo: events.at(-1)?.id }],
        body: async ({ seq }) => {
          await outsideRuns(() => original(session));
          if (isOwn) await add(run, session, `${run.runId}:${seq}`);
          return null;
        },
      });
    },
  );
}

interface Remembered {
  readonly session: string;
  readonly event: Event;
}

/** Of all sessions of the user, by session and event: each event is stored once, however often it is added. */
async function add(run: RunContext, session: Session, key: string): Promise<void> {
  const [known = {}] = await readShared(run, [nameOf(session)]);
  const fresh = session.events.flatMap((event) => {
    const name = JSON.stringify([session.id, event.id]);
    const remembered: Remembered = { session: session.id, event: plainEvent(event) };
    return Object.hasOwn(known, name) ? [] : [[name, remembered] as const];
  });
  if (fresh.length === 0) return;
  await changeShared(run, nameOf(session), { key, set: Object.fromEntries(fresh) });
}

async function search(
  run: RunContext,
  copy: AdkCopy,
  request: SearchMemoryRequest,
): Promise<SearchMemoryResponse> {
  const service = new copy.InMemoryMemoryService();
  const { appName, userId } = request;
  for (const { id, events } of await remembered(run, request)) {
    await service.addSessionToMemory(
      copy.createSession({ id, appName, userId, events: [...events] }),
    );
  }
  return service.searchMemory(request);
}

/** What is kept, and what else the service in memory has: from its owner. */
function meet(
  { codec }: RunContext,
  kept: SearchMemoryResponse,
  there: SearchMemoryResponse,
): SearchMemoryResponse {
  const known = new Set(kept.memories.map((memory) => codec.canonical(memory)));
  const others = there.memories.filter((memory) => !known.has(codec.canonical(memory)));
  return { ...kept, memories: [...kept.memories, ...others] };
}

async function remembered(
  run: RunContext,
  owner: Owner,
): Promise<readonly { readonly id: string; readonly events: readonly Event[] }[]> {
  const [values = {}] = await readShared(run, [nameOf(owner)]);
  const all = Object.values(values) as readonly Remembered[];
  const sessions = Map.groupBy(all, ({ session }) => session);
  return [...sessions].map(([id, of]) => ({ id, events: of.map(({ event }) => eventOf(event)) }));
}

function nameOf({ appName, userId }: Owner): SharedName {
  return ["adk", "memory", appName, userId];
}

function isInMemory(service: BaseMemoryService): boolean {
  const own: readonly object[] = loadedCopies().map((copy) => copy.InMemoryMemoryService.prototype);
  return own.includes(Object.getPrototypeOf(service));
}
