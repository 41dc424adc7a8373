import { createSecretKey, type KeyObject } from "node:crypto";
import { HoldfastError } from "../errors/index.ts";
import { KEY_ID } from "./sealed-text.ts";

export interface PayloadKey {
  /** Stored with every text the key seals. Letters, digits, `_` and `-`, at most 64. */
  readonly id: string;
  /** 32 random bytes, or their base64: `openssl rand -base64 32`. */
  readonly key: Uint8Array | string;
}

const KEY_BYTES = 32;

/** Checks and copies key material; no message says anything about a key but its id. */
export function checkKeys(keys: readonly PayloadKey[]): ReadonlyMap<string, KeyObject> {
  if (!Array.isArray(keys) || keys.length === 0) throw invalid("The payload cipher has no keys.");
  const checked = new Map<string, KeyObject>();
  for (const [index, { id, key }] of keys.entries()) {
    if (typeof id !== "string" || !KEY_ID.test(id)) {
      throw invalid(`The id of payload key ${index} is not usable.`);
    }
    if (checked.has(id)) throw invalid(`Two payload keys have the id "${id}".`);
    checked.set(id, createSecretKey(keyBytes(id, key)));
  }
  return checked;
}

function keyBytes(id: string, key: unknown): Uint8Array {
  const bytes = typeof key === "string" ? Buffer.from(key, "base64") : key;
  if (!(bytes instanceof Uint8Array) || bytes.length !== KEY_BYTES) {
    throw invalid(`The payload key "${id}" is not ${KEY_BYTES} bytes long.`);
  }
  if (typeof key === "string" && Buffer.from(bytes).toString("base64") !== key) {
    throw invalid(`The payload key "${id}" is a string that is not base64.`);
  }
  return bytes;
}

function invalid(message: string): HoldfastError {
  return new HoldfastError("OPTION_INVALID", message, {
    hint: "Give at least one key with an id of letters, digits, _ and -, and 32 bytes as a Buffer or base64: openssl rand -base64 32",
  });
}
