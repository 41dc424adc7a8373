/** What an app looks up in its memory, and what it adds to it, are steps. */
import type { BaseMemoryService, Event, SearchMemoryResponse, Session } from "@google/adk";
import { durableStep, outsideRuns, type RunContext } from "@holdfast/core/adapter";
import { type AdkCopy, loadedCopies } from "./copies.ts";
import { intercept } from "./intercept.ts";
import { eventOf, plainEvent } from "./plain-event.ts";

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
        body: () => (isOwn ? search(run, copy, request) : outsideRuns(() => original(request))),
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
        body: async () => {
          await outsideRuns(() => original(session));
          if (isOwn) await add(run, session);
          return null;
        },
      });
    },
  );
}

interface Remembered {
  readonly id: string;
  /** How many of the items are its events. */
  readonly count: number;
}

async function add(run: RunContext, session: Session): Promise<void> {
  const sessions = await remembered(run, session);
  const others = sessions.filter(({ id }) => id !== session.id);
  const all = [...others, { id: session.id, events: session.events }];
  const items = all.flatMap(({ events }) => events.map(plainEvent));
  const value: readonly Remembered[] = all.map(({ id, events }) => ({ id, count: events.length }));
  await run.writeSlot(slotOf(session), { items, value });
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

async function remembered(
  run: RunContext,
  key: Owner,
): Promise<readonly { readonly id: string; readonly events: readonly Event[] }[]> {
  const { items = [], value = [] } = (await run.readSlot(slotOf(key))) ?? {};
  let from = 0;
  return (value as readonly Remembered[]).map(({ id, count }) => {
    const events = (items as readonly Event[]).slice(from, from + count).map(eventOf);
    from += count;
    return { id, events };
  });
}

interface Owner {
  readonly appName: string;
  readonly userId: string;
}

function slotOf({ appName, userId }: Owner): string {
  return `adk/memory/${JSON.stringify([appName, userId])}`;
}

function isInMemory(service: BaseMemoryService): boolean {
  const own: readonly object[] = loadedCopies().map((copy) => copy.InMemoryMemoryService.prototype);
  return own.includes(Object.getPrototypeOf(service));
}
