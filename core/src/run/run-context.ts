/**
 * One execution of a run, as those see it who do something in it: `step()` and its like, and adapters.
 * Found through the scope that the program is in, and kept nowhere else.
 */
import type { Adapter } from "../adapter/adapter.ts";
import type { Codec } from "../codec/index.ts";
import { HoldfastError } from "../errors/index.ts";
import {
  currentScope,
  type Execution,
  type OpenScope,
  type Scheduler,
  type StepInside,
} from "../journal/index.ts";
import type { Logger } from "../logger.ts";
import type { JournalWriter, Store } from "../store/index.ts";
import type { Waits } from "../wait/waits.ts";
import type { Deltas } from "./deltas.ts";
import type { Policies } from "./policies.ts";
import { type LossReport, reportLosses } from "./report-losses.ts";

export interface RunContextParts {
  readonly runId: string;
  readonly namespace: string;
  readonly store: Store;
  readonly writer: JournalWriter;
  readonly codec: Codec;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly policies: Policies;
  readonly waits: Waits;
  /** Adapters beside the registered ones. */
  readonly adapters: readonly Adapter[];
  readonly deltas: Deltas;
  /** Told when something on record cannot be read. */
  readonly unreadable: (error: unknown) => void;
  /** Whether somebody is to be given what the framework gives when it waits. Default: false. */
  readonly returnsToWait?: boolean;
}

/** A list, of which each item is stored once however often it is kept, and a value. */
export interface Slot {
  readonly items: readonly unknown[] | undefined;
  readonly value: unknown;
}

const contexts = new WeakMap<Execution, RunContext>();

export class RunContext {
  readonly runId: string;
  readonly namespace: string;
  readonly store: Store;
  readonly writer: JournalWriter;
  readonly codec: Codec;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly policies: Policies;
  readonly waits: Waits;
  readonly adapters: readonly Adapter[];
  readonly deltas: Deltas;
  readonly execution: Execution;
  readonly #unreadable: (error: unknown) => void;
  readonly #returnsToWait: boolean;
  #pause: (() => unknown) | undefined;

  constructor(parts: RunContextParts, execution: Execution) {
    this.runId = parts.runId;
    this.namespace = parts.namespace;
    this.store = parts.store;
    this.writer = parts.writer;
    this.codec = parts.codec;
    this.scheduler = parts.scheduler;
    this.logger = parts.logger;
    this.policies = parts.policies;
    this.waits = parts.waits;
    this.adapters = parts.adapters;
    this.deltas = parts.deltas;
    this.#unreadable = parts.unreadable;
    this.#returnsToWait = parts.returnsToWait ?? false;
    this.execution = execution;
    contexts.set(execution, this);
  }

  /** Opens a scope for a part of the app that its framework leaves and re-enters: hold it, close it. */
  open(label: string): OpenScope {
    return this.execution.open(label);
  }

  /** Runs a part of the app, an agent, a node, a nested run, in a scope of its own. */
  scope<T>(label: string, part: () => Promise<T>): Promise<T> {
    return this.execution.scope(label, part);
  }

  /**
   * For frameworks that return when they ask, of programs that wait in place for the answer: what whoever
   * asked for the run is given as soon as nothing goes on but waiting. Without effect if they are to be
   * given the end. Undefined: from now on they are given nothing but that.
   */
  pauseWith(output: (() => unknown) | undefined): void {
    if (this.#returnsToWait && output !== undefined) this.execution.hurry();
    this.#pause = output;
  }

  /** What `pauseWith` was told, if there is somebody to be given it. */
  get pause(): (() => unknown) | undefined {
    return this.#returnsToWait ? this.#pause : undefined;
  }

  /** Where the caller is: the path of the scope, the same in every execution. */
  get path(): string {
    return currentScope.getStore()?.path ?? "";
  }

  /** Aborted when this execution is over or left: nothing returns to the program any more. */
  get signal(): AbortSignal {
    return this.execution.signal;
  }

  /** The step whose body the caller is in, if it is in one. */
  get inside(): StepInside | undefined {
    return currentScope.getStore()?.step;
  }

  /** Equal for values that are the same to the journal: the order of keys does not matter. */
  fingerprint(value: unknown): string {
    return this.writer.fingerprint(this.codec.canonical(value));
  }

  /** What the run's space keeps under a name: of a thread, a session, a checkpoint. See `read`. */
  async readSlot(slot: string): Promise<Slot | undefined> {
    const stored = await this.store.session(this.writer.spaceId, slot);
    if (stored === undefined) return undefined;
    return this.orUnreadable(() => ({
      items: stored.items?.map((text) => this.codec.decode(text)),
      value: this.decode(stored.value),
    }));
  }

  /**
   * Keeps something under a name, in order with what the run does: durable when it resolves. Never does
   * once this execution is over or left: what is under the name belongs to whoever comes next.
   */
  writeSlot(slot: string, { items, value }: Partial<Slot>): Promise<void> {
    if (this.signal.aborted) return new Promise(() => {});
    return this.writer.putSession(slot, {
      ...(items === undefined ? {} : { items: items.map((item) => this.codec.encode(item).text) }),
      ...(value === undefined ? {} : { value: this.codec.encode(value) }),
    });
  }

  decode(text: string | undefined): unknown {
    return text === undefined ? undefined : this.codec.decode(text);
  }

  /** What is on record, for the program. What cannot be read is no failure of the program's: it stops. */
  read(text: string | undefined): Promise<unknown> {
    return this.orUnreadable(() => this.decode(text));
  }

  /** Resolves to what is read; if that fails, never, and the attempt ends. */
  async orUnreadable<T>(read: () => T): Promise<T> {
    try {
      return read();
    } catch (error) {
      this.#unreadable(error);
      return new Promise(() => {});
    }
  }

  /** Says on the run and in the log that a stored value is less than the one the program has. */
  reportLosses(report: LossReport): void {
    reportLosses(this, report);
  }

  /** Says on the run and in the log that something was called without being recorded. */
  reportEscaped(what: string): void {
    this.writer.append({ entry: "escaped", value: { text: JSON.stringify(what) } });
    this.logger.warn(`Not recorded, and repeated after a crash: ${what}`, { runId: this.runId });
  }
}

/** The run that the caller is in, if it is in one. */
export function findRun(): RunContext | undefined {
  const scope = currentScope.getStore();
  return scope && contexts.get(scope.execution);
}

/**
 * Runs something in no run, wherever the caller is: loops of a framework that live on, and work for
 * whoever asks them to.
 */
export function outsideRuns<T>(part: () => T): T {
  return currentScope.exit(part);
}

/** The run that the caller is in. Throws NOT_IN_A_RUN if it is in none. */
export function currentRun(caller: string): RunContext {
  const run = findRun();
  if (run !== undefined) return run;
  throw new HoldfastError("NOT_IN_A_RUN", `${caller} was called outside a run.`, {
    hint: "Call it from a function that runtime.run() runs, and await it there: work handed to a queue or timer of another run, or left behind after the run ended, is in none.",
  });
}
