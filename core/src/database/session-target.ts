// Where the connection of a session goes: one that is kept for as long as a worker lives, because the
// server knows the worker by it. Another thread may open it, if what it takes can be copied there.
import pg from "pg";
import { redact } from "./redaction.ts";
import type { Target } from "./target.ts";
import { withUnnamedStatements } from "./unnamed-statements.ts";

/** `pg` has both, its types have not. */
export interface SessionClient extends pg.Client {
  ref(): void;
  unref(): void;
}

export interface SessionTarget {
  /** host:port/database, for people. */
  readonly place: string;
  /** Whether it was named for this purpose, beside the database itself. */
  readonly isDirect: boolean;
  /** A connection of this thread, not opened yet. */
  client(own: pg.ClientConfig): SessionClient;
  /** What the user wants done on each connection before it is used. */
  onConnect(client: pg.Client): Promise<void>;
  /**
   * What `pg` needs in another thread to open the next connection; undefined if that takes code. May
   * hold a password: never log or inspect it.
   */
  copy(): pg.ClientConfig | undefined;
  /** What went wrong, without secrets. */
  reason(error: unknown): string;
}

export function sessionTarget(target: Target, isDirect: boolean): SessionTarget {
  // A pooler may stand there as well, and it asks too little for names to matter.
  const Client = withUnnamedStatements(target.Client);
  return {
    place: target.place,
    isDirect,
    client: (own) => new Client({ ...plain(target.options()), ...own }) as SessionClient,
    onConnect: async (client) => target.onConnect?.(client),
    copy() {
      if (target.Client !== pg.Client || target.onConnect !== undefined) return undefined;
      try {
        return structuredClone(plain(target.options()));
      } catch {
        return undefined;
      }
    },
    reason: (error) =>
      redact(error instanceof Error ? error.message : String(error), target.secrets),
  };
}

/** What a pool's options say about the pool itself. */
const OF_POOLS = ["Client", "onConnect", "log", "verify"];

/** Also what was hidden from enumeration, as passwords and keys are: else it would be left behind. */
function plain(options: pg.ClientConfig): pg.ClientConfig {
  const copy = ownProperties(options);
  for (const name of OF_POOLS) delete copy[name];
  if (isPlain(copy.ssl)) copy.ssl = ownProperties(copy.ssl);
  return copy;
}

function ownProperties(object: object): Record<string, unknown> {
  const names = Object.getOwnPropertyNames(object);
  return Object.fromEntries(names.map((name) => [name, object[name as keyof object]]));
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
