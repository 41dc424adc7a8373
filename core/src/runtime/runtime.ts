/**
 * The front door. `runtime.run(app, input)` does what the framework's own call does, and survives the
 * process it runs in.
 */
import type { Pool } from "pg";
import type { Adapter } from "../adapter/adapter.ts";
import type { InputOf, OptionsOf, OutputOf } from "../adapter/app-types.ts";
import { adapterFor } from "../adapter/registry.ts";
import type { PayloadCipher } from "../cipher/index.ts";
import type { CodecExtension } from "../codec/index.ts";
import { HoldfastError } from "../errors/index.ts";
import type { Logger } from "../logger.ts";
import { runPart } from "../run/part.ts";
import type { Policies } from "../run/policies.ts";
import { findRun } from "../run/run-context.ts";
import type { Run, Store } from "../store/index.ts";
import { drive } from "./drive.ts";
import { KeepAlive } from "./keep-alive.ts";
import { type Opened, open } from "./opened.ts";
import { RunHandle } from "./run-handle.ts";
import { type DurableOptions, type RunOptions, splitOptions } from "./run-options.ts";
import { placeOrder, runIdOf } from "./run-order.ts";

export interface RuntimeOptions {
  /** A Postgres. Default: `HOLDFAST_DATABASE_URL`, else an embedded one of this project. */
  readonly database?: string | Pool;
  /** Keeps the runs of one program or tenant apart from others in the database. Default: `"default"`. */
  readonly namespace?: string;
  /** Adapters beside those that register themselves when imported. */
  readonly adapters?: readonly Adapter[];
  readonly policies?: Policies;
  /** Classes of yours that are to survive a restart. */
  readonly codec?: readonly CodecExtension[];
  /** Default: says nothing. */
  readonly logger?: Logger;
  /** Encrypts everything said before it reaches the database. Default: nothing is encrypted. */
  readonly encrypt?: PayloadCipher;
  /** Milliseconds a run that waits stays in memory before it is left. Default: 10 s. */
  readonly hotPeriod?: number;
  /** An open store instead of a database, for tests. It is closed with the runtime. */
  readonly store?: Store;
}

export class Runtime {
  readonly #options: RuntimeOptions;
  readonly #keepAlive = new KeepAlive();
  readonly #closing = new AbortController();
  /** By run id, those that this runtime drives. */
  readonly #driven = new Map<string, Promise<unknown>>();
  #opened: Promise<Opened> | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: RuntimeOptions = {}) {
    this.#options = options;
  }

  /**
   * Runs the app and returns exactly what its framework would have returned. With `durable.runId` of a
   * run that exists: returns its recorded end, or awaits it, or takes it up where a dead process left
   * it. Inside a run, the app becomes a part of that run.
   */
  run<App>(
    app: App,
    input: InputOf<App>,
    options?: RunOptions<OptionsOf<App>>,
  ): Promise<OutputOf<App>> {
    const { durable, options: own } = splitOptions(options);
    const outer = findRun();
    const done =
      outer === undefined
        ? this.#run(app, input, own, durable)
        : runPart(outer, { app, input, options: own });
    return this.#keepAlive.during(done) as Promise<OutputOf<App>>;
  }

  /** Starts a run and returns as soon as it is durable that it is to be done. */
  async start<App>(
    app: App,
    input: InputOf<App>,
    options?: RunOptions<OptionsOf<App>>,
  ): Promise<RunHandle<OutputOf<App>>> {
    const { durable, options: own } = splitOptions(options);
    const run = await this.#order(app, input, own, durable);
    // How it ends is for the handle to tell.
    this.#drive(run, app, input, own, { ...durable, until: "end" }).catch(() => {});
    return this.handle(run.runId);
  }

  /** A run by its id, or by the name it was given as `durable.runId`: from any process, at any time. */
  handle<Output = unknown>(runId: string): RunHandle<Output> {
    const { namespace = "default" } = this.#options;
    return new RunHandle(runIdOf(runId, namespace), () => this.#open(), this.#keepAlive);
  }

  /** Lets go of everything. Runs that are under way stay as they are, for the next process. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort(closed());
    const opened = await this.#opened?.catch(() => undefined);
    if (opened === undefined) return;
    await Promise.allSettled(this.#driven.values());
    await opened.heartbeat.stop();
    await opened.store.close();
  }

  async #run(
    app: unknown,
    input: unknown,
    options: unknown,
    durable: DurableOptions,
  ): Promise<unknown> {
    const run = await this.#order(app, input, options, durable);
    return this.#drive(run, app, input, options, durable);
  }

  async #order(
    app: unknown,
    input: unknown,
    options: unknown,
    { runId: key, name }: DurableOptions,
  ): Promise<Run> {
    const opened = await this.#open();
    const adapter = adapterFor(app, opened.adapters);
    return placeOrder(opened, { app, input, options, key, name: name ?? adapter.nameOf(app) });
  }

  /** One drive of a run in this process: whoever asks for it as well is given the same end. */
  async #drive(
    { runId }: Run,
    app: unknown,
    input: unknown,
    options: unknown,
    { policies = {}, until = "pause" }: DurableOptions,
  ): Promise<unknown> {
    const opened = await this.#open();
    const driven = this.#driven.get(runId);
    if (driven !== undefined) return driven;
    const { signal } = this.#closing;
    const driving = drive(opened, { runId, app, input, options, policies, until, signal });
    this.#driven.set(runId, driving);
    return driving.finally(() => this.#driven.delete(runId));
  }

  #open(): Promise<Opened> {
    if (this.#closing.signal.aborted) return Promise.reject(closed());
    this.#opened ??= open(this.#options).catch((error: unknown) => {
      // The next call may find the database there.
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }
}

function closed(): HoldfastError {
  return new HoldfastError("RUNTIME_CLOSED", "The runtime is closed.", {
    hint: "Use it before close(), or make a new one. Its runs can be taken up by any runtime.",
  });
}
