/**
 * The checkpointer of one graph in one execution of a run. Invariant: a graph finds in every execution
 * what it kept in the ones before, though LangGraph may have other names for it by then; tasks that a
 * checkpoint has are not asked for again, nor are their results handed out after their try has failed; and
 * an answer that a task has taken is not given to it again.
 */
import type { RunContext } from "@holdfast/core/adapter";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { CheckpointMetadata, CheckpointTuple } from "@langchain/langgraph";
import { type GraphPlace, settingsOf } from "./checkpoint-config.ts";
import type { WriteTags } from "./checkpoint-row.ts";
import { CheckpointSaver, type SaverOptions } from "./checkpoint-saver.ts";
import { spaceOf } from "./checkpoint-space.ts";
import { type MirroredOptions, MirroredSaver } from "./mirrored-saver.ts";
import { beginIfNew } from "./new-call.ts";
import type { StoredGraph, TaskWrite } from "./stored-graph.ts";
import { TaskScopes } from "./task-scope.ts";
import { INTERRUPT, type PendingWrite, RESUME, RETURN } from "./told-checkpoint.ts";

/** A question that a task of the outermost graph was left with. */
export interface PendingInterrupt {
  /** LangGraph's own id: of the task, so the same for all that one task asks. */
  readonly id: string;
  readonly value: unknown;
  readonly node: string;
  /** How many questions of this id were answered before. */
  readonly answered: number;
  /** By which id it is known to those who answer: another one where a graph was changed by hand. */
  readonly question: string;
}

interface Asked {
  readonly id: string;
  readonly value: unknown;
}

interface RunSaverOptions extends Omit<MirroredOptions, "by"> {
  readonly thread: string;
}

export class RunSaver extends MirroredSaver {
  readonly #run: RunContext;
  readonly #options: SaverOptions;
  readonly #tasks: TaskScopes;
  readonly #root: GraphPlace;
  /** By the id of an interrupt, how many answers its task had when it was last written. */
  readonly #answered = new Map<string, number>();
  /** By the id of an interrupt, the task that asks: those around it are left with it after it. */
  readonly #askers = new Map<string, string>();
  /** By a task of the outermost graph, the question it was left with. */
  readonly #questions = new Map<string, string>();
  /** Those in which a graph stands where it was changed by hand. */
  readonly #changed = new Set<string>();

  constructor(run: RunContext, { name, thread, mirror }: RunSaverOptions) {
    const by = { runId: run.runId, maker: makerOf(run) };
    super(spaceOf(run), { name, thread, by, mirror });
    this.#run = run;
    this.#options = { name, thread, by };
    this.#tasks = TaskScopes.of(run);
    this.#root = { thread, namespace: "" };
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const found = await super.getTuple(config);
    if (found !== undefined) {
      beginIfNew(config, found);
      await this.#takeBack(config);
    }
    return found;
  }

  /** Whether there is a checkpoint of this run to go on from. */
  async hasBegun(): Promise<boolean> {
    return (await this.graph(this.#root)).newestMaker === this.#options.by.maker;
  }

  /** What is asked by tasks of the outermost graph that have not ended since. */
  async pending(): Promise<readonly PendingInterrupt[]> {
    return pendingIn((await this.graph(this.#root)).newestWrites);
  }

  /**
   * What was asked where the graph stood before somebody changed it by hand. Undefined if nobody has since
   * it went on last.
   */
  async pendingBefore(): Promise<readonly PendingInterrupt[] | undefined> {
    const graph = await this.graph(this.#root);
    const { newestId = "" } = graph;
    if (!isByHand(await graph.metadataOf(newestId))) return undefined;
    let at = await graph.read(newestId);
    while (at !== undefined && isByHand(at.metadata)) at = await graph.read(at.parentId ?? "");
    return at === undefined ? [] : pendingIn(at.writes);
  }

  /** What is kept, as others see it now. */
  reader(): CheckpointSaver {
    return new CheckpointSaver(this.space, this.#options);
  }

  protected override async keyOf({ thread, namespace }: GraphPlace): Promise<string> {
    const place = this.#tasks.placeOf(namespace);
    if (place === undefined) return super.keyOf({ thread, namespace });
    // The outermost task: another one when the thread comes by here again.
    const [task] = namespace.split("|");
    return `${task} ${place}`;
  }

  protected override runsHere({ namespace }: GraphPlace): boolean {
    return !namespace.includes(":") || this.#tasks.placeOf(namespace) !== undefined;
  }

  protected override tagsOf(
    taskId: string,
    [channel, value]: PendingWrite,
    writes: readonly PendingWrite[],
  ): WriteTags {
    const task = this.#tasks.taskOf(taskId);
    const answers = writes.find(([name]) => name === RESUME)?.[1];
    return {
      ...(task === undefined ? {} : { path: task.path, node: task.node }),
      ...(channel === INTERRUPT ? { answered: this.#answeredBefore(taskId, value, answers) } : {}),
      ...(channel === INTERRUPT && this.#changed.has(taskId)
        ? { question: this.#questions.get(taskId) }
        : {}),
    };
  }

  /** What such a call came to is not kept: it is called again, over what is on record of its steps. */
  override async putWrites(...given: Parameters<MirroredSaver["putWrites"]>): Promise<void> {
    const [, writes, taskId] = given;
    const isReturn = writes.some(([channel]) => channel === RETURN);
    if (isReturn && this.#tasks.isMistakable(taskId)) return;
    await super.putWrites(...given);
  }

  override put(
    ...[config, ...checkpoint]: Parameters<MirroredSaver["put"]>
  ): ReturnType<MirroredSaver["put"]> {
    this.#changed.delete(outermostTask(settingsOf(config).namespace ?? ""));
    return super.put(config, ...checkpoint);
  }

  protected override async opened(place: GraphPlace, graph: StoredGraph): Promise<void> {
    await super.opened(place, graph);
    graph.forget((write) => this.#isOfFailedTry(write));
    const { namespace } = place;
    const { newestStep, newestWrites } = graph;
    if (newestStep === undefined) return;
    const ended = newestWrites.filter(({ index }) => index >= 0);
    const paths = ended.flatMap(({ path }) => (path === undefined ? [] : [path]));
    this.#tasks.restored(namespace, newestStep, paths);
    for (const { channel, value, answered = 0, taskId, question } of newestWrites) {
      if (channel !== INTERRUPT) continue;
      for (const { id } of askedIn(value)) {
        this.#answered.set(id, Math.max(answered, this.#answered.get(id) ?? 0));
        if (namespace === "") this.#questions.set(taskId, question ?? id);
      }
    }
    if (namespace === "" || !isByHand(await graph.metadataOf(graph.newestId!))) return;
    this.#changed.add(outermostTask(namespace));
  }

  /** LangGraph counts calls anew after a crash, and would take one of a failed try for one of the next. */
  #isOfFailedTry({ channel, path }: Pick<TaskWrite, "channel" | "path">): boolean {
    return channel === RETURN && path !== undefined && this.#run.execution.hasFailed(path);
  }

  /**
   * Takes out of what a graph is told the answers that its tasks have: it was cut off before the graphs
   * around it were left with the next question, and those say what was answered.
   * @param config as LangGraph asks with it, which it goes by afterwards
   */
  async #takeBack({ configurable }: RunnableConfig): Promise<void> {
    const told: Readonly<Record<string, unknown>> | undefined = configurable?.[RESUME_MAP];
    if (configurable === undefined || told === undefined) return;
    const known = new Map((await this.pending()).map(({ id, answered }) => [id, answered]));
    const isTaken = (id: string) => (this.#answered.get(id) ?? 0) > (known.get(id) ?? 0);
    const left = Object.entries(told).filter(([id]) => !isTaken(id));
    configurable[RESUME_MAP] = Object.fromEntries(left);
  }

  /** Those around the task that asks do not know what it was answered; they may have asked, too. */
  #answeredBefore(taskId: string, interrupts: unknown, answers: unknown): number {
    let before = 0;
    for (const { id } of askedIn(interrupts)) {
      if (!this.#askers.has(id)) this.#askers.set(id, taskId);
      const isAsker = this.#askers.get(id) === taskId;
      if (isAsker && Array.isArray(answers)) this.#answered.set(id, answers.length);
      before = this.#answered.get(id) ?? 0;
    }
    return before;
  }
}

/** LangGraph's own: by the ids of interrupts, what graphs in tasks are told. */
const RESUME_MAP = "__pregel_resume_map";

function outermostTask(namespace: string): string {
  const [first = ""] = namespace.split("|");
  return first.slice(first.indexOf(":") + 1);
}

function isByHand(metadata: CheckpointMetadata | undefined): boolean {
  return metadata?.source === "update" || metadata?.source === "fork";
}

/** Each id once: a node that called a functional task is left with what that asked last, or before. */
function pendingIn(writes: readonly TaskWrite[]): readonly PendingInterrupt[] {
  const ended = new Set(writes.filter(({ index }) => index >= 0).map(({ taskId }) => taskId));
  const pending = new Map<string, PendingInterrupt>();
  for (const { channel, taskId, value, node = "interrupt", answered = 0, question } of writes) {
    if (channel !== INTERRUPT || ended.has(taskId)) continue;
    for (const { id, value: asked } of askedIn(value)) {
      if ((pending.get(id)?.answered ?? -1) >= answered) continue;
      pending.set(id, { id, value: asked, node, answered, question: question ?? id });
    }
  }
  return [...pending.values()];
}

/** A write of LangGraph's is one interrupt, or from 1.5 on all that one task has. */
function askedIn(value: unknown): readonly Asked[] {
  return (Array.isArray(value) ? value : [value]) as readonly Asked[];
}

/** Who makes the checkpoints of an app that a run, or a part of it, runs. */
function makerOf({ runId, path }: Pick<RunContext, "runId" | "path">): string {
  return `${runId}${path}`;
}
