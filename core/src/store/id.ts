/**
 * Ids of spaces and runs: uuids made here, never in the database. The last ten bits of an id are
 * its *bucket*, the leading key column of every run table, so an id alone says where its rows
 * live. A run carries the bucket of its space; so do its children.
 */
import { createHash, randomBytes, randomInt } from "node:crypto";
import { HoldfastError } from "../errors/index.ts";

export const BUCKETS = 1024;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A fresh id, ordered by time (uuid version 7), in the given bucket or in a random one. */
export function newId(bucket: number = randomInt(BUCKETS)): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  return format(bytes, 7, bucket);
}

/**
 * The id that a key chosen by a user stands for (uuid version 8): always the same for the same
 * parts, so two processes that start the same key meet in the same row.
 */
export function idOfKey(kind: "space" | "run", namespace: string, key: string): string {
  const bytes = createHash("sha256")
    .update(JSON.stringify([kind, namespace, key]))
    .digest();
  return format(bytes, 8, bytes.readUInt16BE(16) % BUCKETS);
}

/** Whether an id stands for a key: see `idOfKey`. */
export function isNameId(id: string): boolean {
  return id[14] === "8";
}

/** The bucket an id carries. Throws `ID_INVALID` when `id` is not a uuid. */
export function bucketOf(id: string): number {
  if (!UUID.test(id)) {
    throw new HoldfastError("ID_INVALID", `"${id}" is not an id: expected a lower-case uuid.`, {
      hint: "Use the id as Holdfast printed it. An id of your own choosing is a key: pass it as `runId`.",
      details: { id },
    });
  }
  return Number.parseInt(id.slice(-3), 16) % BUCKETS;
}

function format(bytes: Buffer, version: number, bucket: number): string {
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  bytes.writeUInt16BE((bytes.readUInt16BE(14) & ~(BUCKETS - 1)) | bucket, 14);
  const hex = bytes.toString("hex", 0, 16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}
