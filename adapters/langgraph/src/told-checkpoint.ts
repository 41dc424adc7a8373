/**
 * What LangGraph gives a checkpointer, as text. Invariant: it is text when the function returns, so that
 * nothing done to a value later is stored.
 */
import type { TextParts } from "@holdfast/core/adapter";
import type { Checkpoint, CheckpointMetadata } from "@langchain/langgraph";
import type { StoredWrite, WriteTags } from "./checkpoint-row.ts";
import type { CheckpointSpace } from "./checkpoint-space.ts";
import type { ToldCheckpoint } from "./stored-graph.ts";

export const INTERRUPT = "__interrupt__";
export const RESUME = "__resume__";
export const RETURN = "__return__";

/** The places of the writes of which a task has one at most. Those of channels count from 0. */
const SPECIAL: ReadonlyMap<string, number> = new Map([
  ["__error__", -1],
  ["__scheduled__", -2],
  [INTERRUPT, -3],
  [RESUME, -4],
]);

export type PendingWrite = readonly [channel: string, value: unknown];

/** But for the values that are not new in it: those of a version that is known are not told again. */
export function tellCheckpoint(
  space: CheckpointSpace,
  { id, channel_values, ...rest }: Checkpoint,
  metadata: CheckpointMetadata,
  newVersions: Checkpoint["channel_versions"],
): ToldCheckpoint {
  const versions = rest.channel_versions;
  const values = Object.entries(channel_values).map(([channel, value]) => {
    const tell = (): TextParts => partsOf(space, channel, value);
    const isNew = channel in newVersions || !(channel in versions);
    return [channel, isNew ? tell() : tell] as const;
  });
  return {
    id,
    checkpoint: encode(space, "A checkpoint", rest),
    metadata: encode(space, "The metadata of a checkpoint", metadata),
    versions: { ...versions },
    values: new Map(values),
  };
}

/** @param tagsOf what is to be known of a write besides */
export function tellWrites(
  space: CheckpointSpace,
  writes: readonly PendingWrite[],
  taskId: string,
  tagsOf: (write: PendingWrite) => WriteTags,
): readonly StoredWrite[] {
  return writes.map(([channel, value], nth) => ({
    taskId,
    index: SPECIAL.get(channel) ?? nth,
    channel,
    ...partsOf(space, channel, value),
    ...tagsOf([channel, value]),
  }));
}

function partsOf(space: CheckpointSpace, channel: string, value: unknown): TextParts {
  const { losses, ...parts } = space.codec.encodeParts(value);
  if (losses.length > 0) {
    space.reportLosses({ what: `The state of the graph in "${channel}"`, losses });
  }
  return parts;
}

function encode(space: CheckpointSpace, what: string, value: unknown): string {
  const { text, losses } = space.codec.encode(value);
  if (losses.length > 0) space.reportLosses({ what, losses });
  return text;
}
