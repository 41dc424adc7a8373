// Turns stored text back into values. Only registered tags are revived, and an object with exactly
// one key that starts with "$" is always a tag: the encoder escapes everybody else's.
import { HoldfastError } from "../errors/index.ts";
import { formatPath, type Segment } from "./path.ts";
import { setProperty } from "./property.ts";
import { isRecord } from "./tags/data.ts";
import { RECORD_TAGS } from "./tags/records.ts";

export type TagDecoders = ReadonlyMap<string, (data: unknown) => unknown>;

const DAMAGED =
  "The row was written or changed by something else than this codec; restore it from a backup.";

/** Throws VALUE_NOT_DECODABLE for text that is not JSON, malformed tags and tags nobody registered. */
export function decodeText(text: string, tags: TagDecoders): unknown {
  const tree = parseText(text);
  // Searching is far cheaper than walking, and most texts hold no tag. The escape is never
  // written by us, but text that went through another JSON writer may have it.
  if (!text.includes('"$') && !text.includes('"\\u0024')) return tree;
  try {
    return new Decoder(tags).decode(tree);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    throw notDecodable("The stored text of a value is nested too deeply.", DAMAGED, thrown);
  }
}

/** Throws VALUE_NOT_DECODABLE for text that is not JSON. */
export function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw notDecodable("The stored text of a value is not JSON.", DAMAGED, cause);
  }
}

/** Decodes one parsed tree, in place. */
class Decoder {
  readonly #tags: TagDecoders;
  readonly #path: Segment[] = [];

  constructor(tags: TagDecoders) {
    this.#tags = tags;
  }

  decode(node: unknown): unknown {
    if (Array.isArray(node)) return this.#array(node);
    if (!isRecord(node)) return node;
    const keys = Object.keys(node);
    const tag = keys[0];
    if (keys.length === 1 && tag?.startsWith("$")) return this.#tagged(tag, node[tag]);
    return this.#record(node, keys);
  }

  #array(array: unknown[]): unknown[] {
    for (let index = 0; index < array.length; index++) {
      const item = array[index];
      if (typeof item !== "object") continue;
      this.#path.push(index);
      array[index] = this.decode(item);
      this.#path.pop();
    }
    return array;
  }

  #record(record: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
    for (const key of keys) {
      const value = record[key];
      if (typeof value !== "object") continue;
      this.#path.push(key);
      const decoded = this.decode(value);
      if (decoded !== value) setProperty(record, key, decoded);
      this.#path.pop();
    }
    return record;
  }

  #tagged(tag: string, data: unknown): unknown {
    this.#path.push(tag);
    const fromRecord = RECORD_TAGS.get(tag);
    const value =
      fromRecord === undefined ? this.#revive(tag, data) : fromRecord(this.#held(tag, data));
    this.#path.pop();
    return value;
  }

  #held(tag: string, data: unknown): Record<string, unknown> {
    if (isRecord(data)) return this.#record(data, Object.keys(data));
    throw malformed(tag, formatPath(this.#path), new TypeError("expected an object"));
  }

  #revive(tag: string, data: unknown): unknown {
    const revive = this.#tags.get(tag);
    if (revive === undefined) throw unknownTag(tag, formatPath(this.#path));
    const decoded = this.decode(data);
    try {
      return revive(decoded);
    } catch (cause) {
      throw malformed(tag, formatPath(this.#path), cause);
    }
  }
}

function unknownTag(tag: string, path: string): HoldfastError {
  const hint =
    tag === "$sealed"
      ? "The text is encrypted: give the runtime the payload cipher it was sealed with."
      : "Register the codec extension that wrote it, or upgrade to a Holdfast that knows this tag.";
  const message = `The stored value at ${path} has the tag "${tag}", which nothing here can read.`;
  return notDecodable(message, hint, undefined, { path, tag });
}

function malformed(tag: string, path: string, cause: unknown): HoldfastError {
  const reason = cause instanceof Error ? cause.message : "something that is not an Error";
  const hint = tag.includes("/")
    ? "The decode of a codec extension must accept all its encode ever returned; the cause is its error."
    : DAMAGED;
  const message = `The stored value at ${path} cannot be rebuilt from its "${tag}": ${reason}.`;
  return notDecodable(message, hint, cause, { path, tag });
}

function notDecodable(
  message: string,
  hint: string,
  cause: unknown,
  details: Readonly<Record<string, unknown>> = {},
): HoldfastError {
  return new HoldfastError("VALUE_NOT_DECODABLE", message, { hint, cause, details });
}
