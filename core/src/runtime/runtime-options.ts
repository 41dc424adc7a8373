/** What a runtime is told once, for all its runs. */
import type { Pool } from "pg";
import type { Adapter } from "../adapter/adapter.ts";
import type { PayloadCipher } from "../cipher/index.ts";
import type { CodecExtension } from "../codec/index.ts";
import { HoldfastError } from "../errors/index.ts";
import type { Logger } from "../logger.ts";
import type { Policies } from "../run/policies.ts";
import type { Store } from "../store/index.ts";

export interface RuntimeOptions {
  /** A Postgres. Default: `HOLDFAST_DATABASE_URL`, else an embedded one of this project. */
  readonly database?: string | Pool;
  /**
   * Behind a pooler: a URL that goes past it, for the one connection that has to be a worker's own.
   * Default: `HOLDFAST_DATABASE_URL_DIRECT`. Without it workers poll, and a dead one is known by its
   * lease alone.
   */
  readonly directDatabase?: string;
  /** `false` for a pooler that cannot do named statements and does not show it. Default: true. */
  readonly preparedStatements?: boolean;
  /** Keeps the runs of one program or tenant apart from others in the database. Default: `"default"`. */
  readonly namespace?: string;
  /** Adapters beside those that register themselves when imported. */
  readonly adapters?: readonly Adapter[];
  readonly policies?: Policies;
  /** Classes of yours that are to survive a restart. */
  readonly codec?: readonly CodecExtension[];
  /** Default: says nothing. */
  readonly logger?: Logger;
  /** Encrypts everything said before it reaches the database. Default: nothing is encrypted. */
  readonly encrypt?: PayloadCipher;
  /** Milliseconds a run that waits stays in memory before it is left. Default: 10 s. */
  readonly hotPeriod?: number;
  /**
   * Milliseconds that this process keeps its runs when it falls silent: cut off, or with its machine gone.
   * At least 1 s. Default: 10 s. One that dies while its machine lives is noticed at once.
   */
  readonly lease?: number;
  /** An open store instead of a database, for tests. It is closed with the runtime. */
  readonly store?: Store;
}

/** A process that beats more often than this is late by chance. */
const SHORTEST_LEASE_MS = 1_000;

/** Throws OPTION_INVALID. */
export function checkLease(lease: unknown): void {
  if (lease === undefined || (Number.isFinite(lease) && (lease as number) >= SHORTEST_LEASE_MS))
    return;
  throw new HoldfastError("OPTION_INVALID", `The option lease is ${String(lease)}.`, {
    hint: `Give a number of milliseconds from ${SHORTEST_LEASE_MS}.`,
    details: { option: "lease" },
  });
}
