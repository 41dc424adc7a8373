/**
 * The front door. `runtime.run(app, input)` does what the framework's own call does, and survives the
 * process it runs in.
 */
import type { ConfigOf, InputOf, OptionsOf, OutputOf, StreamOf } from "../adapter/app-types.ts";
import { adapterFor } from "../adapter/registry.ts";
import { HoldfastError } from "../errors/index.ts";
import { runPart } from "../run/part.ts";
import { findRun, type RunContext } from "../run/run-context.ts";
import { Draining } from "../worker/draining.ts";
import type { ServeOptions } from "../worker/serve-options.ts";
import type { Servable } from "../worker/served-apps.ts";
import { type DrainOptions, graceOf, type Worker } from "../worker/worker.ts";
import { answeredRun } from "./answer-run.ts";
import { childId } from "./child-id.ts";
import { configOf } from "./config-of.ts";
import { deploy } from "./deploy.ts";
import { DrivenRuns } from "./driven-runs.ts";
import { KeepAlive } from "./keep-alive.ts";
import { type Opened, open } from "./opened.ts";
import { PieceStream } from "./piece-stream.ts";
import { RunHandle } from "./run-handle.ts";
import { type DurableOptions, keyOf, type RunOptions, splitOptions } from "./run-options.ts";
import { type PlacedOrder, placeOrder, type RunOrder, runIdOf } from "./run-order.ts";
import { Runs } from "./runs.ts";
import { checkLease, type RuntimeOptions } from "./runtime-options.ts";
import { serve } from "./serve.ts";
import { ServedHere } from "./served-here.ts";

/** Of an app of which only the name is known. */
type AnyOptions = RunOptions<object> | RunOptions<Readonly<Record<string, unknown>>>;

/** Keeps what is no option from being taken for one, where the type of the options is inferred. */
type NoOthers<Given, Options> = { readonly [Key in Exclude<keyof Given, keyof Options>]: never };

export class Runtime {
  /** Lists of runs, and how single ones stand. */
  readonly runs: Runs;
  readonly #options: RuntimeOptions;
  readonly #keepAlive = new KeepAlive();
  readonly #draining = new Draining();
  /** Aborted when nothing is heard of any run any more. */
  readonly #ended = new AbortController();
  readonly #driven = new DrivenRuns();
  readonly #served = new ServedHere();
  #opened: Promise<Opened> | undefined;
  #closed: Promise<void> | undefined;

  /** Throws OPTION_INVALID. */
  constructor(options: RuntimeOptions = {}) {
    checkLease(options.lease);
    this.#options = options;
    this.runs = new Runs(() => this.#open());
  }

  /**
   * Runs the app and returns exactly what its framework would have returned. With `durable.runId` of a
   * run that exists: returns its recorded end, or awaits it, or takes it up where a dead process left
   * it. Inside a run, the app becomes a part of that run, and `runId` tells it from others.
   */
  run<App>(
    app: App,
    input: InputOf<App>,
    options?: RunOptions<OptionsOf<App>>,
  ): Promise<OutputOf<App>> {
    const outer = findRun();
    const done =
      outer === undefined
        ? this.#keepAlive.during(this.#run(app, input, options))
        : this.#part(outer, app, input, options);
    return done as Promise<OutputOf<App>>;
  }

  /**
   * Runs the app and returns exactly the stream its framework would have returned. What this process does
   * of the run is in it: of a run that another process has, or that is over, only the end. Reading less
   * than all of it does not end the run.
   */
  stream<App>(app: App, input: InputOf<App>): StreamOf<App>;
  stream<App, const Options extends RunOptions<OptionsOf<App>>>(
    app: App,
    input: InputOf<App>,
    options: Options & NoOthers<Options, RunOptions<OptionsOf<App>>>,
  ): StreamOf<App, Options>;
  stream<App>(
    app: App,
    input: InputOf<App>,
    options: RunOptions<OptionsOf<App>> | undefined,
  ): StreamOf<App, RunOptions<OptionsOf<App>>>;
  stream(app: unknown, input: unknown, options?: object): unknown {
    const adapter = adapterFor(app, this.#options.adapters ?? []);
    if (adapter.stream === undefined) throw notStreamed(adapter.name);
    const { options: own } = splitOptions(options);
    const pieces = new PieceStream();
    const output = this.#keepAlive.during(
      this.#run(app, input, options, (piece) => pieces.emit(piece)),
    );
    output.then(
      () => pieces.end(),
      (error: unknown) => pieces.fail(error),
    );
    const live = { pieces, output, options: own };
    return adapter.streamOf?.(live, app) ?? pieces[Symbol.asyncIterator]();
  }

  /**
   * Starts a run and returns as soon as it is durable that it is to be done. By an app's name: for
   * whichever worker serves that, now or later. Inside a run: a run of its own, started once.
   */
  start<App>(
    app: App extends string ? never : App,
    input: InputOf<App>,
    options?: RunOptions<OptionsOf<App>>,
  ): Promise<RunHandle<OutputOf<App>>>;
  start(name: string, input: unknown, options?: AnyOptions): Promise<RunHandle>;
  async start(app: unknown, input: unknown, options?: object): Promise<RunHandle> {
    const { durable: given, options: own } = splitOptions(options);
    const opened = await this.#open();
    const outer = findRun();
    const what = { app, input, options: own, durable: given };
    const durable =
      outer === undefined || keyOf(given) !== undefined
        ? given
        : { ...given, runId: await childId(opened, outer, what) };
    // Of plain code that was left: with an id of its user's no step kept it back.
    if (outer?.signal.aborted) return new Promise(() => {});
    const name = typeof app === "string" ? app : this.#served.nameOf(app);
    if (typeof app === "string") checkName(app, durable);
    // Those who serve it know it by no other name, and have no other options.
    const isForOthers = name !== undefined && (durable.name ?? name) === name;
    const isOnlyHere = () => this.#served.isOnlyHere(opened.codec, app, own, durable);
    if (!isForOthers || (typeof app !== "string" && isOnlyHere())) {
      return this.#startHere(app, input, own, durable);
    }
    const adapter = typeof app === "string" ? undefined : adapterFor(app, opened.adapters);
    const { run } = await placeOrder(opened, {
      ...orderOf(durable),
      name,
      adapter,
      thread: await adapter?.threadOf?.(app, own),
      input,
      options: own,
      ready: true,
    });
    return this.handle(run.runId);
  }

  /** A run by its id, or by the name it was given as `durable.runId`: from any process, at any time. */
  handle<Output = unknown>(runId: string): RunHandle<Output> {
    const { namespace = "default" } = this.#options;
    return new RunHandle(runIdOf(runId, namespace), () => this.#open(), this.#keepAlive);
  }

  /**
   * For the app's own methods that read the state of a run, and change it: the config to call them with.
   * To read is possible at any time; to change is refused with RUN_BUSY while a worker has the run, and a
   * run that goes on takes the change for its own. `options`: as for `run`, if the run was given a name
   * for its app, or options that could not be stored.
   */
  config<App>(
    app: App,
    runId: string,
    options?: RunOptions<OptionsOf<App>>,
  ): Promise<ConfigOf<App>> {
    const asked = async () => configOf(await this.#open(), this.#served, { app, runId, options });
    return this.#keepAlive.during(asked()) as Promise<ConfigOf<App>>;
  }

  /**
   * Takes up runs of these apps, new ones and those that other workers left, until it is drained or the
   * runtime closes. An app that cannot be loaded is refused by itself: see `refused`. Rejects if none can
   * be.
   */
  async serve(
    apps: Readonly<Record<string, Servable>>,
    options: ServeOptions = {},
  ): Promise<Worker> {
    const opened = await this.#open();
    const close = () => this.close();
    const serving = await serve(opened, apps, { options, draining: this.#draining, close });
    void this.#keepAlive.during(this.#served.during(serving));
    return serving.worker;
  }

  /** Announces apps by name, with their structure, and runs nothing. */
  async deploy(apps: Readonly<Record<string, Servable>>): Promise<void> {
    await deploy(await this.#open(), apps);
  }

  /**
   * Lets go of everything: steps that are under way may end, what comes after them is for the next
   * process.
   */
  async close(options: DrainOptions = {}): Promise<void> {
    const grace = graceOf(options);
    this.#closed ??= this.#close(grace);
    await this.#closed;
  }

  async #close(grace: number): Promise<void> {
    this.#draining.begin(closed());
    const opened = await this.#opened?.catch(() => undefined);
    if (opened === undefined) return;
    const underWay = Promise.all([this.#driven.settled(), this.#served.settled()]);
    await this.#draining.after(underWay, grace);
    this.#ended.abort(closed());
    try {
      await opened.membership.leave();
    } catch (error) {
      // What is not written by now is as if the process had died; to wait for it would keep that from ending.
      opened.logger.warn("The runtime was closed without its database.", { error });
      void opened.store.close().catch(() => {});
      return;
    }
    await opened.store.close();
  }

  async #run(
    app: unknown,
    input: unknown,
    options: object | undefined,
    emit?: (piece: unknown) => void,
  ): Promise<unknown> {
    const { durable, options: own } = splitOptions(options);
    const order = await this.#order(app, input, own, durable);
    return this.#drive(order, app, durable, emit);
  }

  /** It is not awaited any more when the run is left: what keeps the process alive is the run. */
  async #part(
    outer: RunContext,
    app: unknown,
    input: unknown,
    options: object | undefined,
  ): Promise<unknown> {
    const { durable, options: own } = splitOptions(options);
    return runPart(outer, { app, input, options: own, name: keyOf(durable) ?? durable.name });
  }

  /** For an app that has no name here by which workers would find it: this process runs it. */
  async #startHere(
    app: unknown,
    input: unknown,
    options: object | undefined,
    durable: DurableOptions,
  ): Promise<RunHandle> {
    const order = await this.#order(app, input, options, durable);
    const { runId } = order.run;
    const { logger } = await this.#open();
    const driven = this.#drive(order, app, { ...durable, until: "end" });
    // Nobody else may be there to go on with it.
    this.#keepAlive.during(driven).catch((error: unknown) => {
      // How it ends is for the handle to tell; that it stopped without an end, nobody else tells.
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn(`Run ${runId} stopped here: ${reason}`, { runId, error });
    });
    return this.handle(runId);
  }

  /** The run that is asked for: a new one, one that is there, or one that asked what the input answers. */
  async #order(
    app: unknown,
    input: unknown,
    options: unknown,
    durable: DurableOptions,
  ): Promise<PlacedOrder> {
    const opened = await this.#open();
    const adapter = adapterFor(app, opened.adapters);
    // Before there is a run that could not be run.
    adapter.install(app);
    const order = orderOf(durable);
    const thread = await adapter.threadOf?.(app, options);
    const answers = adapter.answersIn?.(input);
    if (answers !== undefined) {
      const { key, policies } = order;
      const call = { adapter, key, thread, options, policies };
      const answered = await answeredRun(opened, call, answers);
      if (answered !== undefined) return answered;
    }
    const name = durable.name ?? this.#served.nameOf(app) ?? adapter.nameOf(app);
    const place = { name, adapter, thread };
    return placeOrder(opened, { ...order, ...place, input, options, ready: false });
  }

  async #drive(
    { run: { runId }, ...order }: PlacedOrder,
    app: unknown,
    { until = "pause" }: DurableOptions,
    emit?: (piece: unknown) => void,
  ): Promise<unknown> {
    const opened = await this.#open();
    const { drain, letGo: signal } = this.#draining;
    return this.#driven.drive(opened, { ...order, runId, app, until, signal, drain, emit });
  }

  #open(): Promise<Opened> {
    if (this.#draining.drain.aborted) {
      // A run that is handed over is not to hear of it: that would be its failure.
      if (findRun() !== undefined && this.#opened !== undefined) return this.#opened;
      return Promise.reject(closed());
    }
    this.#opened ??= open(this.#options, this.#ended.signal).catch((error: unknown) => {
      // The next call may find the database there.
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }
}

function orderOf(
  durable: DurableOptions,
): Pick<RunOrder, "key" | "policies" | "queue" | "onBusy" | "parentId"> {
  const { policies = {}, queue, onBusy = "reject" } = durable;
  return { key: keyOf(durable), policies, queue, onBusy, parentId: findRun()?.runId };
}

function notStreamed(framework: string): HoldfastError {
  return new HoldfastError("APP_NOT_STREAMED", `Apps of ${framework} cannot be streamed.`, {
    hint: "Use run(), or start() and the events of its handle.",
    details: { framework },
  });
}

/** Throws OPTION_INVALID. */
function checkName(app: string, { name = app }: DurableOptions): void {
  if (app !== "" && name === app) return;
  throw new HoldfastError("OPTION_INVALID", `start("${app}") was given the name "${name}".`, {
    hint: "What is started by its name is known to its workers by that, and by no other.",
    details: { app, name },
  });
}

function closed(): HoldfastError {
  return new HoldfastError("RUNTIME_CLOSED", "The runtime is closed.", {
    hint: "Use it before close(), or make a new one. Its runs can be taken up by any runtime.",
  });
}
