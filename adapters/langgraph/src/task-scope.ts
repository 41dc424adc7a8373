/**
 * Tasks of graphs as scopes. LangGraph runs each task, a node, a `Send`, a functional `task()`, by one
 * call of `RunnableSequence.invoke` with the task's id in its config: whatever happens inside that call
 * is in the task's scope, subgraphs too.
 *
 * Invariant: the label of a scope is made of what is the same in every execution (node, superstep, which
 * of several sends, which call of a subgraph), never of LangGraph's task ids, which are random where
 * there is no checkpoint, nor of the order in which tasks happen to start.
 */
import { intercept, type RetriedScope, type RunContext } from "@holdfast/core/adapter";
import { CalledInTask, type Kind } from "./called-in-task.ts";
import { rememberConfig } from "./escaped-call.ts";
import { type TaskConfig, taskOf } from "./task-config.ts";

/** Intercepts the running of tasks. */
export function interceptTask(sequence: object): void {
  intercept<object, unknown[], unknown>(
    sequence,
    "invoke",
    ({ run, original }, input, options, ...rest) => {
      const config = taskOf(options);
      if (config === undefined) return original(input, options, ...rest);
      rememberConfig(options, run);
      return TaskScopes.of(run).enter(config, (nodeAttempt) =>
        original(input, ofTask(options as object, nodeAttempt), ...rest),
      );
    },
  );
}

interface Task {
  readonly config: TaskConfig;
  readonly scope: RetriedScope;
  /** The path of the try that is running, or ran last. */
  path: string;
  attempt: number;
  /** What LangGraph had counted in this task when the try began. */
  counted: TaskConfig["counters"];
  /** The graphs and calls of the try. */
  called: CalledInTask;
  /** Whether LangGraph counts it as it would if steps before it were on record, and called nothing. */
  readonly isCountedAlike: boolean;
}

const scopes = new WeakMap<RunContext, TaskScopes>();

export class TaskScopes {
  readonly #run: RunContext;
  readonly #byId = new Map<string, Task>();
  readonly #byNamespace = new Map<string, Task>();
  /** By the path of a try. */
  readonly #byPath = new Map<string, Task>();
  /** The graphs that a checkpoint had when they began here. */
  readonly #restored = new Set<string>();
  /** By the path of a try, what says that it is given up. */
  readonly #signals = new Map<string, AbortSignal>();

  private constructor(run: RunContext) {
    this.#run = run;
  }

  static of(run: RunContext): TaskScopes {
    const found = scopes.get(run) ?? new TaskScopes(run);
    scopes.set(run, found);
    return found;
  }

  /** The scope and the node of a task of this execution. */
  taskOf(taskId: string): { readonly path: string; readonly node: string } | undefined {
    const task = this.#byId.get(taskId);
    return task && { path: task.path, node: task.config.node };
  }

  /**
   * Whether LangGraph would take what is kept of this call for what another one came to: it knows calls by
   * their number in the task, in which steps that are on record have no part.
   */
  isMistakable(taskId: string): boolean {
    return this.#byId.get(taskId)?.isCountedAlike === false;
  }

  /**
   * Runs a task in its scope, each try of LangGraph in one of its own. A sequence that is only a part of
   * a task that runs is in its scope already.
   */
  async enter(config: TaskConfig, run: (nodeAttempt: number) => unknown): Promise<unknown> {
    const { id, namespace, attempt, counters, signal } = config;
    const known = this.#byId.get(id);
    if (known !== undefined && attempt <= known.attempt) return run(known.attempt);
    const task = known ?? {
      config,
      scope: this.#run.execution.retriedScope(this.#labelOf(config)),
      path: "",
      attempt,
      counted: counters,
      called: new CalledInTask(),
      isCountedAlike: !config.isCall || this.#isCountedAlike(config),
    };
    // A task that a cache answers is not run: nobody asks for what is recorded of it.
    if (known === undefined && !config.isCall) {
      this.#giveUpTo(config.step - 1, graphOf(namespace));
    }
    this.#byId.set(id, task);
    this.#byNamespace.set(namespace, task);
    task.counted = counters;
    task.attempt = attempt;
    if (attempt > 1) {
      await task.scope.failed();
      config.asksAnew();
    }
    return task.scope.try(attempt, async (nth) => {
      task.path = this.#run.path;
      task.called = new CalledInTask();
      this.#byPath.set(task.path, task);
      if (signal !== undefined) this.#signals.set(task.path, signal);
      return run(nth);
    });
  }

  /** To be called in a task: whether by then LangGraph has given it up, or one around it. */
  overCheck(): () => boolean {
    const { path } = this.#run;
    const signals: AbortSignal[] = [];
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      const signal = this.#signals.get(path.slice(0, end));
      if (signal !== undefined) signals.push(signal);
    }
    return () => signals.some(({ aborted }) => aborted);
  }

  /**
   * Where a graph is, to be called there: the same in every execution, and another one in each try of
   * the task around it. Undefined for a graph that is in no task, or keeps its state from task to task,
   * and for whoever asks from elsewhere.
   */
  placeOf(graph: string): string | undefined {
    const around = this.#around(graph);
    const { path } = this.#run;
    if (around === undefined || !path.startsWith(around.path)) return undefined;
    return `${path}|${this.#callOf(graph, around)}`;
  }

  /**
   * Gives up what is recorded of the tasks of a graph that its checkpoint has, to be called where the
   * graph is: those up to a superstep, and those that have `finished` since, by their paths.
   */
  restored(graph: string, step: number, finished: readonly string[]): void {
    this.#restored.add(graph);
    for (const path of finished) this.#run.execution.restored(path);
    this.#giveUpTo(step, graph);
  }

  /**
   * Whether a graph, by the tasks around it, goes on from a checkpoint of its own. One that keeps its
   * state from task to task may begin anew from its checkpoint, so of that it is not known.
   */
  isRestored(graph: readonly string[]): boolean {
    const isOfTasks = graph.every((part) => /:|^\d+$/.test(part));
    return isOfTasks && this.#restored.has(graph.join("|"));
  }

  /** The tasks of a graph up to a superstep, to be called where the graph is. Calls are in none. */
  #giveUpTo(step: number, graph: string): void {
    const { path: above, execution } = this.#run;
    const call = this.#callOf(graph, this.#caller(graph));
    for (const path of execution.recordedBelow(above)) {
      const label = LABEL.exec(path.slice(above.length + 1))?.groups;
      if (label === undefined || Number(label.call ?? 0) !== call) continue;
      if (Number(label.step) <= step) execution.restored(path);
    }
  }

  #labelOf({ namespace, node, step, push, isCall }: TaskConfig): string {
    const graph = graphOf(namespace);
    const around = this.#caller(graph);
    if (isCall) return `${node}()!${this.#nth("calls", namespace, push ?? 0, around)}`;
    const call = this.#callOf(graph, around);
    return `${call === 0 ? "" : `${call}|`}${node}:${step}${push === undefined ? "" : `!${push}`}`;
  }

  /** The task that a graph is called in, by the graph's namespace. */
  #around(graph: string): Task | undefined {
    for (let end = graph.length; end > 0; end = graph.lastIndexOf("|", end - 1)) {
      const task = this.#byNamespace.get(graph.slice(0, end));
      if (task !== undefined) return task;
    }
    return undefined;
  }

  /**
   * The task that calls a graph, to be called there. That a graph that keeps its state is called in it,
   * its namespace does not say.
   */
  #caller(graph: string): Task | undefined {
    const around = this.#around(graph);
    if (around !== undefined || graph === "") return around;
    const { path } = this.#run;
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      const task = this.#byPath.get(path.slice(0, end));
      if (task !== undefined) return task;
    }
    return undefined;
  }

  /** The how-manieth graph it is that the task around it calls in one try, from 0. */
  #callOf(graph: string, around: Task | undefined): number {
    const counted = Number(/\|(\d+)$/.exec(graph)?.[1] ?? 0);
    return this.#nth("subgraphs", graph, counted, around);
  }

  #isCountedAlike({ namespace, push = 0 }: TaskConfig): boolean {
    const around = this.#caller(graphOf(namespace));
    if (around === undefined) return true;
    // After a crash it counts from the try that goes on.
    if (around.counted.calls > 0) return false;
    return this.#run.path === around.path && around.called.inTask("calls", push) === push;
  }

  #nth(kind: Kind, key: string, counted: number, around: Task | undefined): number {
    if (around === undefined) return counted;
    const inTry = Math.max(counted - around.counted[kind], 0);
    const { path } = this.#run;
    if (path === around.path) return around.called.inTask(kind, inTry);
    return around.called.inStep(path, kind, key, inTry);
  }
}

/** The graph that a task is in, by its namespace. */
function graphOf(namespace: string): string {
  return namespace.slice(0, Math.max(namespace.lastIndexOf("|"), 0));
}

/**
 * The label of a task of a graph as it stands in a path, maybe with the number of a try; of a call it is
 * another, whatever its name is. LangGraph has no `|` and `:` in names of nodes.
 */
const LABEL = /^(?:(?<call>\d+)\|)?.*:(?<step>-?\d+)(?:!\d+)?(?:#\d+)?(?:~\d+)?$/;

interface TaskOptions {
  readonly executionInfo?: object;
  readonly configurable?: Readonly<Record<string, unknown>>;
}

/**
 * LangGraph counts tries anew after a crash; nodes are told the count over all. And it takes a graph in a
 * task for one that is to go back in time, and runs what its tasks have done once more, just because its
 * config has a key for a checkpoint, without one. Its later versions look at the checkpoint.
 */
function ofTask(options: TaskOptions, nodeAttempt: number): TaskOptions {
  const { executionInfo, configurable = {} } = options;
  const { checkpoint_id, ...others } = configurable;
  const isBack = checkpoint_id !== undefined || configurable.__pregel_replay_state !== undefined;
  return {
    ...options,
    ...(isBack ? {} : { configurable: others }),
    ...(executionInfo === undefined ? {} : { executionInfo: { ...executionInfo, nodeAttempt } }),
  };
}
