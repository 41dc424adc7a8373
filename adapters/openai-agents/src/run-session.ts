/**
 * A session that is given by its name alone: a list in the space that the runs of the session share.
 * Invariants: each change is a step, and leaves what was there before it as it was; so it is made once,
 * and another execution reads what the first one read. What was said is stored once however many
 * turns there are.
 */

import { isDeepStrictEqual } from "node:util";
import type { RunContext } from "@holdfast/core/adapter";
import type {
  AgentInputItem,
  SessionHistoryRewriteAwareSession,
  SessionHistoryTransactionAwareSession,
} from "@openai/agents";
import { liveStep } from "./live-step.ts";
import type { SdkCopy } from "./sdk.ts";

type Rewrites = Parameters<SessionHistoryRewriteAwareSession["applyHistoryMutations"]>[0];
type Transaction = Parameters<SessionHistoryTransactionAwareSession["applyHistoryTransaction"]>[0];

/** Which of the lists of the session holds, and how much of it. */
interface Head {
  readonly list: number;
  readonly length: number;
}

export class RunSession
  implements SessionHistoryRewriteAwareSession, SessionHistoryTransactionAwareSession
{
  readonly #run: RunContext;
  readonly #id: string;
  readonly #sdk: SdkCopy;
  readonly #applied = new Map<string, unknown>();
  /** The lists of the session as they are stored, of those that were looked at. */
  readonly #lists = new Map<number, readonly string[]>();
  #head: Promise<Head> | undefined;

  constructor(run: RunContext, id: string, sdk: SdkCopy) {
    this.#run = run;
    this.#id = id;
    this.#sdk = sdk;
  }

  getSessionId(): Promise<string> {
    return Promise.resolve(this.#id);
  }

  async getItems(limit?: number): Promise<AgentInputItem[]> {
    const items = await this.#items(await this.#opened());
    return limit === undefined ? items : items.slice(Math.max(items.length - limit, 0));
  }

  async addItems(items: AgentInputItem[]): Promise<void> {
    if (items.length > 0) await this.#append("addItems", items);
  }

  async popItem(): Promise<AgentInputItem | undefined> {
    const items = await this.#items(await this.#opened());
    if (items.length > 0) await this.#replace("popItem", items.slice(0, -1));
    return items.at(-1);
  }

  async clearSession(): Promise<void> {
    await this.#replace("clearSession", []);
  }

  async applyHistoryMutations({ mutations }: Rewrites): Promise<void> {
    if (mutations.length === 0) return;
    const items = await this.#items(await this.#opened());
    const session = new this.#sdk.agents.MemorySession({ initialItems: items });
    await session.applyHistoryMutations({ mutations });
    await this.#replace("applyHistoryMutations", await session.getItems());
  }

  /** As the SDK's own session does it, which also refuses what does not fit. */
  async applyHistoryTransaction({ operationId, transaction }: Transaction): Promise<void> {
    const known = this.#applied.get(operationId);
    if (known !== undefined && isDeepStrictEqual(known, transaction)) return;
    const items = await this.#items(await this.#opened());
    const session = new this.#sdk.agents.MemorySession({ initialItems: items });
    await session.applyHistoryTransaction({ operationId, transaction });
    if (transaction.type === "append_items") {
      await this.#append("applyHistoryTransaction", transaction.items);
    } else {
      await this.#replace("applyHistoryTransaction", await session.getItems());
    }
    this.#applied.set(operationId, structuredClone(transaction));
  }

  #opened(): Promise<Head> {
    this.#head ??= this.#step("open", [], async () => {
      const stored = await this.#run.readSlot(this.#slot());
      const { list = 0 } = (stored?.value ?? {}) as Partial<Head>;
      return { list, length: (await this.#texts(list)).length };
    });
    return this.#head;
  }

  async #append(name: string, items: readonly AgentInputItem[]): Promise<void> {
    const { list, length } = await this.#opened();
    await this.#advance(name, items, async () => {
      const texts = [...(await this.#texts(list)).slice(0, length), ...this.#encoded(items)];
      await this.#keep(list, texts);
      return { list, length: texts.length };
    });
  }

  /** In a list of its own: those that were read of the old one are still there. */
  async #replace(name: string, items: readonly AgentInputItem[]): Promise<void> {
    const { list } = await this.#opened();
    await this.#advance(name, items, async () => {
      const next = { list: list + 1, length: items.length };
      await this.#keep(next.list, this.#encoded(items));
      await this.#run.writeSlot(this.#slot(), { value: next });
      return next;
    });
  }

  async #advance(
    name: string,
    items: readonly AgentInputItem[],
    change: () => Promise<Head>,
  ): Promise<void> {
    const changed = this.#step(name, items, change);
    await changed;
    this.#head = changed;
  }

  async #items({ list, length }: Head): Promise<AgentInputItem[]> {
    const texts = (await this.#texts(list)).slice(0, length);
    const { codec } = this.#run;
    return this.#run.orUnreadable(() => texts.map((text) => codec.decode(text) as AgentInputItem));
  }

  async #texts(list: number): Promise<readonly string[]> {
    const { store, writer } = this.#run;
    const texts =
      this.#lists.get(list) ?? (await store.session(writer.spaceId, this.#slot(list)))?.items ?? [];
    this.#lists.set(list, texts);
    return texts;
  }

  /** Never resolves once the run is over or left: what is kept belongs to whoever comes next. */
  async #keep(list: number, texts: readonly string[]): Promise<void> {
    const { signal, writer } = this.#run;
    if (signal.aborted) return new Promise(() => {});
    await writer.putSession(this.#slot(list), { items: texts });
    this.#lists.set(list, texts);
  }

  #encoded(items: readonly AgentInputItem[]): readonly string[] {
    return items.map((item) => this.#run.codec.encode(item).text);
  }

  /** What it is given is in the list itself, and in what the model is given next. */
  #step(name: string, items: readonly AgentInputItem[], body: () => Promise<Head>): Promise<Head> {
    return liveStep(this.#run, { kind: "session", name, identity: items, body });
  }

  #slot(list?: number): string {
    const slot = `openai-agents/session/${this.#id}`;
    return list === undefined ? slot : `${slot}/${list}`;
  }
}
