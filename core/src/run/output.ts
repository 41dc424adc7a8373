/**
 * What a run returned, as its last entry keeps it: whole in the value of the entry; or, if there is
 * something in it that the runs of a thread share, in parts, and then the value is what stands between
 * them. So a chat whose every turn returns all of it costs what each turn adds.
 */
import { type Codec, joinText, type Loss } from "../codec/index.ts";
import type { Entry, NewEntry, Store } from "../store/index.ts";

export const COMPLETED = "run completed";

/** Throws if it cannot be stored: see `Codec.encode`. */
export function outputEntry(
  codec: Codec,
  output: unknown,
): { readonly entry: NewEntry; readonly losses: readonly Loss[] } {
  const { frame, parts, losses } = codec.encodeParts(output);
  const entry: NewEntry =
    parts.length === 0
      ? { entry: COMPLETED, value: { text: joinText({ frame, parts }) } }
      : { entry: COMPLETED, input: parts, value: { text: frame } };
  return { entry, losses };
}

/** The text of an entry's value; of an output, put together. */
export async function entryText(
  store: Store,
  spaceId: string,
  { entry, input, value }: Entry,
): Promise<string | undefined> {
  if (entry !== COMPLETED || input === undefined || value === undefined) return value;
  return joinText({ frame: value, parts: await store.list(spaceId, input) });
}
