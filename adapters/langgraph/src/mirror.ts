/**
 * The app's own lasting checkpointer beside ours. Ours comes first, and is what a run goes on from; theirs
 * is written as well, for whoever reads the thread through it. Invariants: a checkpoint is in theirs only
 * if it is in ours; and what somebody else put there between two runs is what the next one begins with.
 */
import type { BaseCheckpointSaver, CheckpointTuple } from "@langchain/langgraph";
import { configOf, type GraphPlace, settingsOf } from "./checkpoint-config.ts";

/** Of ours, what it takes to bring the two together. */
export interface MirroredGraph {
  ids(): AsyncIterable<string>;
  tuple(id: string): Promise<CheckpointTuple | undefined>;
  /** The id of the newest one, if it was made by whoever goes on now. */
  readonly ownId: string | undefined;
  /** Puts a checkpoint of theirs, with its writes, as one of whoever goes on now or of nobody. */
  adopt(tuple: CheckpointTuple, isOwn: boolean): Promise<void>;
}

/** Brings theirs up to ours, or ours up to theirs, where one has what the other does not know. */
export async function bringTogether(
  theirs: BaseCheckpointSaver,
  ours: MirroredGraph,
  place: GraphPlace,
): Promise<void> {
  const { thread, namespace } = place;
  const newest = await theirs.getTuple({
    configurable: { thread_id: thread, checkpoint_ns: namespace },
  });
  const theirId = newest && settingsOf(newest.config).checkpointId;
  const missing: string[] = [];
  let isKnown = theirId === undefined;
  for await (const id of ours.ids()) {
    missing.push(id);
    if (id !== theirId) continue;
    isKnown = true;
    break;
  }
  // What somebody did to a run that waits is part of the run; all else is none of it.
  if (!isKnown) return ours.adopt(newest!, await comesAfter(theirs, newest!, ours.ownId));
  for (const id of missing.reverse()) {
    const tuple = await ours.tuple(id);
    if (tuple !== undefined) await write(theirs, tuple, place, id === theirId);
  }
}

/** Whether a checkpoint of theirs was made by going on from another. Ids grow with time. */
async function comesAfter(
  theirs: BaseCheckpointSaver,
  tuple: CheckpointTuple,
  id: string | undefined,
): Promise<boolean> {
  if (id === undefined) return false;
  let at: CheckpointTuple | undefined = tuple;
  while (at?.parentConfig !== undefined) {
    const { checkpointId: parentId = "" } = settingsOf(at.parentConfig);
    if (parentId <= id) return parentId === id;
    at = await theirs.getTuple(at.parentConfig);
  }
  return false;
}

/** @param isThere whether only writes can be missing */
async function write(
  theirs: BaseCheckpointSaver,
  { checkpoint, metadata, parentConfig, pendingWrites = [] }: CheckpointTuple,
  place: GraphPlace,
  isThere: boolean,
): Promise<void> {
  const { thread, namespace } = place;
  if (!isThere) {
    const config = parentConfig ?? {
      configurable: { thread_id: thread, checkpoint_ns: namespace },
    };
    await theirs.put(config, checkpoint, metadata!, checkpoint.channel_versions);
  }
  for (const [taskId, writes] of byTask(pendingWrites)) {
    await theirs.putWrites(configOf(place, checkpoint.id), writes, taskId);
  }
}

type Write = [channel: string, value: unknown];

export function byTask(
  writes: readonly (readonly [taskId: string, channel: string, value: unknown])[],
): ReadonlyMap<string, Write[]> {
  const tasks = new Map<string, Write[]>();
  for (const [taskId, channel, value] of writes) {
    const known = tasks.get(taskId);
    if (known === undefined) tasks.set(taskId, [[channel, value]]);
    else known.push([channel, value]);
  }
  return tasks;
}
