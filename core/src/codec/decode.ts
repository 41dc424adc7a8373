// Turns stored text back into values. Only registered tags are revived, and an object with exactly
// one key that starts with "$" is always a tag: the encoder escapes everybody else's.
import { HoldfastError } from "../errors/index.ts";
import { formatPath, type Segment } from "./path.ts";
import { setProperty } from "./property.ts";
import { isRecord } from "./tags/data.ts";

export type TagDecoders = ReadonlyMap<string, (data: unknown) => unknown>;

/** Throws VALUE_NOT_DECODABLE for text that is not JSON, malformed tags and tags nobody registered. */
export function decodeText(text: string, tags: TagDecoders): unknown {
  const tree = parseText(text);
  // Searching is far cheaper than walking, and most texts hold no tag. The escape is never
  // written by us, but text that went through another JSON writer may have it.
  if (!text.includes('"$') && !text.includes('"\\u0024')) return tree;
  return new Decoder(tags).decodeRoot(tree);
}

export function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HoldfastError("VALUE_NOT_DECODABLE", "The stored text of a value is not JSON.", {
      hint: "The row was written or changed by something else than this codec; restore it from a backup.",
      cause,
    });
  }
}

class Decoder {
  readonly #tags: TagDecoders;
  /** Not unwound when something throws, so it then names the place. */
  readonly #path: Segment[] = [];
  #tag: string | undefined;

  constructor(tags: TagDecoders) {
    this.#tags = tags;
  }

  decodeRoot(tree: unknown): unknown {
    try {
      return this.#decode(tree);
    } catch (cause) {
      throw this.#notDecodable(cause);
    }
  }

  /** Works in place: the parsed tree is ours. */
  #decode(node: unknown): unknown {
    if (typeof node !== "object" || node === null) return node;
    if (Array.isArray(node)) return this.#array(node);
    const record = node as Record<string, unknown>;
    const keys = Object.keys(record);
    const tag = keys[0];
    if (keys.length === 1 && tag?.startsWith("$")) return this.#tagged(tag, record[tag]);
    return this.#record(record, keys);
  }

  #array(array: unknown[]): unknown[] {
    for (let index = 0; index < array.length; index++) {
      const item = array[index];
      if (typeof item !== "object" || item === null) continue;
      this.#path.push(index);
      array[index] = this.#decode(item);
      this.#path.pop();
    }
    return array;
  }

  #record(record: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
    for (const key of keys) {
      const value = record[key];
      if (typeof value !== "object" || value === null) continue;
      this.#path.push(key);
      const decoded = this.#decode(value);
      this.#path.pop();
      if (decoded !== value) setProperty(record, key, decoded);
    }
    return record;
  }

  #tagged(tag: string, data: unknown): unknown {
    this.#path.push(tag);
    let value: unknown;
    if (tag === "$literal" || tag === "$dict") {
      this.#tag = tag;
      if (!isRecord(data)) throw new TypeError("expected an object");
      value = this.#record(data, Object.keys(data));
      if (tag === "$dict") value = Object.assign(Object.create(null), value);
    } else {
      const decoder = this.#tags.get(tag);
      this.#tag = tag;
      if (decoder === undefined) throw new UnknownTag();
      const decoded = this.#decode(data);
      this.#tag = tag;
      value = decoder(decoded);
    }
    this.#tag = undefined;
    this.#path.pop();
    return value;
  }

  #notDecodable(cause: unknown): HoldfastError {
    const tag = this.#tag;
    const path = formatPath(this.#path);
    const details = { path, tag };
    if (cause instanceof UnknownTag) {
      const sealed = tag === "$sealed";
      return new HoldfastError(
        "VALUE_NOT_DECODABLE",
        `The value at ${path} has the tag "${tag}", which nothing here can read.`,
        {
          hint: sealed
            ? "The text is encrypted: give the runtime the payload cipher it was sealed with."
            : "Register the codec extension that wrote it, or upgrade to the Holdfast that knows this tag.",
          details,
        },
      );
    }
    const what = tag === undefined ? "The value" : `The "${tag}"`;
    return new HoldfastError(
      "VALUE_NOT_DECODABLE",
      `${what} at ${path} could not be decoded: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        hint: "If the tag is of an extension, its decode must accept all it ever encoded; else the row was changed by something else than this codec.",
        cause,
        details,
      },
    );
  }
}

class UnknownTag extends Error {}
