import { hash } from "node:crypto";
import { HoldfastError } from "../errors/index.ts";
import type { SpaceCipher } from "./payload-cipher.ts";
import { isSealed } from "./sealed-text.ts";
import { utf8 } from "./utf8.ts";

/** No encryption: text is stored as it is, and hashes are SHA-256. Refuses to open sealed text. */
export const plainSpaceCipher: SpaceCipher = {
  seal: (text) => text,
  open(text) {
    if (!isSealed(text)) return text;
    throw new HoldfastError(
      "PAYLOAD_NOT_DECRYPTABLE",
      "A stored text is encrypted, and no payload cipher is configured.",
      { hint: "Give the runtime the payload cipher the text was sealed with." },
    );
  },
  hash: (data) => hash("sha256", typeof data === "string" ? utf8(data) : data, "buffer"),
};
