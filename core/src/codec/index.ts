export { type Codec, type CodecOptions, createCodec, type Encoded } from "./codec.ts";
export type { CodecExtension } from "./extension.ts";
export type { Loss } from "./loss.ts";
