export { type AesPayloadCipherOptions, aesPayloadCipher } from "./aes-payload-cipher.ts";
export type { PayloadCipher, SpaceCipher } from "./payload-cipher.ts";
export type { PayloadKey } from "./payload-key.ts";
export { plainSpaceCipher } from "./plain-space-cipher.ts";
