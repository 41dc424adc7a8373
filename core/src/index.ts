export {
  type AesPayloadCipherOptions,
  aesPayloadCipher,
  type PayloadCipher,
  type PayloadKey,
  type SpaceCipher,
} from "./cipher/index.ts";
export {
  type Codec,
  type CodecExtension,
  type CodecOptions,
  createCodec,
  type Encoded,
  type Loss,
} from "./codec/index.ts";
export {
  ERROR_CODES,
  type ErrorCode,
  HoldfastError,
  type HoldfastErrorOptions,
} from "./errors/index.ts";
export { type Logger, silentLogger } from "./logger.ts";
