import type { BuiltInTag } from "./built-in.ts";
import { bytesTag } from "./bytes.ts";
import { mapTag, setTag } from "./collections.ts";
import { dateTag } from "./date.ts";
import { errorTag } from "./errors.ts";
import { decodeBigint, decodeNumber, decodeUndefined } from "./primitives.ts";
import { regexpTag } from "./regexp.ts";
import { decodeSparse } from "./sparse.ts";
import { urlTag } from "./url.ts";

/** Every built-in class that comes back as itself. */
export const BUILT_IN_TAGS: readonly BuiltInTag<object>[] = [
  dateTag,
  mapTag,
  setTag,
  bytesTag,
  errorTag,
  urlTag,
  regexpTag,
];

/** How to read each tag whose data is decoded before it. See RECORD_TAGS for the others. */
export const BUILT_IN_DECODERS: ReadonlyMap<string, (data: unknown) => unknown> = new Map([
  ["$undefined", decodeUndefined],
  ["$number", decodeNumber],
  ["$bigint", decodeBigint],
  ["$sparse", decodeSparse],
  ...BUILT_IN_TAGS.map((tag) => [tag.tag, tag.decode] as const),
]);
