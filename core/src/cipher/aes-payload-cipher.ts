// AES-256-GCM under keys derived for each space, so that text moved to another space cannot be
// opened there. The first key seals, every key opens, and the last key hashes: putting a new key in
// front changes no hash.
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { HoldfastError } from "../errors/index.ts";
import type { PayloadCipher, SpaceCipher } from "./payload-cipher.ts";
import { checkKeys, type PayloadKey } from "./payload-key.ts";
import { formatSealed, isSealed, parseSealed } from "./sealed-text.ts";
import { utf8 } from "./utf8.ts";

export interface AesPayloadCipherOptions {
  /** Newest first. Remove a key only when no text sealed by it is left, and never the last one. */
  readonly keys: readonly PayloadKey[];
  /**
   * Whether text that is not sealed may be opened, as there is when encryption was switched on
   * later. Whoever can write to the database can then plant text. Default: false.
   */
  readonly allowPlaintext?: boolean;
}

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Throws OPTION_INVALID for no keys, a key that is not 32 bytes, and bad or repeated ids. */
export function aesPayloadCipher(options: AesPayloadCipherOptions): PayloadCipher {
  const keys = checkKeys(options.keys);
  const { allowPlaintext = false } = options;
  return { forSpace: (spaceId) => new AesSpaceCipher(keys, spaceId, allowPlaintext) };
}

class AesSpaceCipher implements SpaceCipher {
  readonly #spaceId: string;
  readonly #allowPlaintext: boolean;
  readonly #sealingKeyId: string;
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #hashKey: KeyObject;

  constructor(keys: ReadonlyMap<string, KeyObject>, spaceId: string, allowPlaintext: boolean) {
    this.#spaceId = spaceId;
    this.#allowPlaintext = allowPlaintext;
    const ids = [...keys.keys()];
    this.#sealingKeyId = ids[0] as string;
    this.#keys = new Map([...keys].map(([id, key]) => [id, derive(key, "seal", spaceId)]));
    this.#hashKey = derive(keys.get(ids.at(-1) as string) as KeyObject, "hash", spaceId);
  }

  seal(text: string): string {
    const keyId = this.#sealingKeyId;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#keys.get(keyId) as KeyObject, nonce);
    cipher.setAAD(this.#context(keyId));
    const sealed = [nonce, cipher.update(utf8(text)), cipher.final()];
    return formatSealed({ keyId, bytes: Buffer.concat([...sealed, cipher.getAuthTag()]) });
  }

  open(sealed: string): string {
    if (!isSealed(sealed)) {
      if (this.#allowPlaintext) return sealed;
      throw this.#refuse(
        "is not encrypted",
        "Set allowPlaintext if it is from before encryption was switched on.",
      );
    }
    const parsed = parseSealed(sealed);
    if (parsed === undefined || parsed.bytes.length < NONCE_BYTES + TAG_BYTES) {
      throw this.#refuse("is not in a form this version writes", DAMAGED);
    }
    const { keyId, bytes } = parsed;
    const key = this.#keys.get(keyId);
    if (key === undefined) {
      throw this.#refuse(
        `was sealed with the unknown key "${keyId}"`,
        "Add that key to the end of the cipher's keys.",
        keyId,
      );
    }
    const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAAD(this.#context(keyId));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    try {
      return Buffer.concat([text, decipher.final()]).toString();
    } catch {
      throw this.#refuse(`does not open with the key "${keyId}"`, DAMAGED, keyId);
    }
  }

  hash(data: string | Uint8Array): Buffer {
    const bytes = typeof data === "string" ? utf8(data) : data;
    return createHmac("sha256", this.#hashKey).update(bytes).digest();
  }

  /** Bound to each text, so that it opens only in its space and under the key it names. */
  #context(keyId: string): Buffer {
    return Buffer.from(`holdfast.v1.${keyId}.${this.#spaceId}`);
  }

  #refuse(what: string, hint: string, keyId?: string): HoldfastError {
    return new HoldfastError(
      "PAYLOAD_NOT_DECRYPTABLE",
      `A stored text of space ${this.#spaceId} ${what}.`,
      { hint, details: { spaceId: this.#spaceId, keyId } },
    );
  }
}

const DAMAGED =
  "The key under this id may be another than the one it was sealed with, or the text was changed or moved from another space; restore the key or the row.";

function derive(key: KeyObject, purpose: "seal" | "hash", spaceId: string): KeyObject {
  const info = `holdfast.v1.${purpose}.${spaceId}`;
  return createSecretKey(Buffer.from(hkdfSync("sha256", key, "", info, 32)));
}
