import type { SpaceCipher } from "../../cipher/index.ts";

/** A name for a text that does not tell it: see `JournalWriter.fingerprint`. */
export function fingerprint(cipher: SpaceCipher, text: string): string {
  return cipher.hash(text).toString("base64url");
}
