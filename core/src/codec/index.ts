export {
  type Codec,
  type CodecOptions,
  createCodec,
  type Encoded,
  type EncodedParts,
} from "./codec.ts";
export type { CodecExtension } from "./extension.ts";
export type { Loss } from "./loss.ts";
export { countParts, joinText, type TextParts } from "./text-parts.ts";
