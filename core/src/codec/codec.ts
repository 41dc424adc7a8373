// Values to text and back. The format is a superset of JSON: plain JSON is written as JSON.stringify
// would, everything else as an object with one key, its tag: {"$date":"2026-01-31T12:00:00.000Z"}. A
// tag means one thing forever; a change of its form gets a new tag; old tags stay readable. Tags
// without a slash belong to Holdfast, tags with one to extensions.
import { constants } from "node:buffer";
import { HoldfastError } from "../errors/index.ts";
import { canonicalTree } from "./canonical.ts";
import { decodeText, parseText, type TagDecoders } from "./decode.ts";
import { Encoder } from "./encode.ts";
import { type CodecExtension, checkExtensions } from "./extension.ts";
import type { Loss } from "./loss.ts";
import { tooLarge } from "./refusal.ts";
import { BUILT_IN_DECODERS } from "./tags/index.ts";
import { joinText, splitTree, type TextParts } from "./text-parts.ts";

export interface CodecOptions {
  /** Classes of yours to store and rebuild. Default: none. */
  readonly extensions?: readonly CodecExtension[];
  /** The longest text `encode` makes, in bytes of UTF-8. Default: 64 MiB. */
  readonly maxBytes?: number;
}

export interface Encoded {
  /** Well-formed JSON without NUL characters and lone surrogates, whatever the value held. */
  readonly text: string;
  /** Empty if `decode(text)` is deeply and strictly equal to the value. */
  readonly losses: readonly Loss[];
}

export interface EncodedParts extends TextParts {
  readonly losses: readonly Loss[];
}

export interface Codec {
  /** Throws VALUE_NOT_ENCODABLE for cycles and failing user code, VALUE_TOO_LARGE at the limit. */
  encode(value: unknown): Encoded;
  /** Throws VALUE_NOT_DECODABLE for text that `encode` did not write or whose tags are unknown. */
  decode(text: string): unknown;
  /** As `encode`, in parts that are stored once where other values have them too. Throws as it does. */
  encodeParts(value: unknown): EncodedParts;
  /** Throws as `decode` does. */
  decodeParts(parts: TextParts): unknown;
  /**
   * The text to hash a value by: that of `encode`, with the keys of objects in one order and without
   * the stacks of errors. Order stays meaningful in arrays, Maps and Sets, and 0 differs from -0.
   * Throws as `encode` does.
   */
  canonical(value: unknown): string;
  /** The canonical text of a value that is encoded already. Throws VALUE_NOT_DECODABLE if not JSON. */
  canonicalText(text: string): string;
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/** Throws OPTION_INVALID for extension tags that are malformed or given twice, and a bad limit. */
export function createCodec(options: CodecOptions = {}): Codec {
  const { extensions = [], maxBytes = DEFAULT_MAX_BYTES } = options;
  checkExtensions(extensions);
  checkMaxBytes(maxBytes);
  const decoders: TagDecoders = new Map([
    ...BUILT_IN_DECODERS,
    ...extensions.map((extension) => {
      const decode = (data: unknown): unknown => extension.decode(data);
      return [`$${extension.tag}`, decode] as const;
    }),
  ]);

  function write<Form>(value: unknown, form: (tree: unknown) => Form): Written<Form> {
    const encoder = new Encoder(extensions, maxBytes);
    try {
      return { form: form(encoder.encode(value)), losses: encoder.losses.list() };
    } catch (thrown) {
      throw encoder.refusal(thrown);
    }
  }

  // Measuring reads the whole text, so it is left out where the length alone is proof enough.
  function measure(texts: readonly string[]): void {
    const length = texts.reduce((sum, text) => sum + text.length, 0);
    if (length * MAX_BYTES_PER_CHARACTER <= maxBytes) return;
    const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    if (bytes > maxBytes) throw tooLarge(maxBytes, { bytes });
  }

  return {
    encode(value) {
      const { form: text, losses } = write(value, (tree) => JSON.stringify(tree));
      measure([text]);
      return { text, losses };
    },
    encodeParts(value) {
      const { form, losses } = write(value, splitTree);
      measure([form.frame, ...form.parts]);
      return { ...form, losses };
    },
    decode: (text) => decodeText(text, decoders),
    decodeParts: (parts) => decodeText(joinText(parts), decoders),
    canonical(value) {
      const { form: text } = write(value, (tree) => JSON.stringify(canonicalTree(tree)));
      measure([text]);
      return text;
    },
    canonicalText: (text) => JSON.stringify(canonicalTree(parseText(text))),
  };
}

interface Written<Form> {
  readonly form: Form;
  readonly losses: readonly Loss[];
}

/** The text can reach six times what the encoder counts, as every NUL is written in six characters. */
const LARGEST_MAX_BYTES = constants.MAX_STRING_LENGTH;
const MAX_BYTES_PER_CHARACTER = 3;

function checkMaxBytes(maxBytes: number): void {
  if (Number.isSafeInteger(maxBytes) && maxBytes > 0 && maxBytes <= LARGEST_MAX_BYTES) return;
  throw new HoldfastError("OPTION_INVALID", `The codec option maxBytes is ${String(maxBytes)}.`, {
    hint: `Give a whole number of bytes from 1 to ${LARGEST_MAX_BYTES}, the longest text Node can hold.`,
    details: { maxBytes },
  });
}
