// Where the connections of a database go, and with which options. The options are computed for each
// new connection, because an embedded server may come back on another port.
import pg from "pg";
import type { EmbeddedPostgres } from "../embedded/index.ts";
import { HoldfastError } from "../errors/index.ts";
import { redact, redactUrl, secretsOf } from "./redaction.ts";

export interface Target {
  /** Options for the next connection. May hold a password: never spread, log or inspect it. */
  options(): pg.ClientConfig;
  /** host:port/database, for people. */
  readonly place: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly databaseName: string;
  /** What must not appear in any text. */
  readonly secrets: readonly string[];
  /** Called with each new connection before Holdfast uses it. */
  readonly onConnect: pg.PoolConfig["onConnect"];
  readonly Client: typeof pg.Client;
  /** How long a connection may serve. */
  readonly lifetime: Pick<pg.PoolConfig, "maxUses" | "maxLifetimeSeconds">;
  readonly embedded: EmbeddedPostgres | undefined;
}

export function embeddedTarget(server: EmbeddedPostgres): Target {
  return target(() => ({ connectionString: server.url }), {
    secrets: secretsOf(server.url),
    embedded: server,
  });
}

/** Throws DATABASE_URL_INVALID when `pg` could not make sense of it. */
export function urlTarget(url: string): Target {
  const text = url.trim();
  if (!/^postgres(ql)?:\/\//i.test(text))
    throw invalidUrl(text, "it does not begin with postgres://");
  const afterHost = /^[^:]+:\/\/[^/?#]*(.*)$/s.exec(text)?.[1] ?? "";
  if (afterHost.includes("@")) {
    throw invalidUrl(
      text,
      "there is an @ after the host: the password holds a character such as / ? # that must be percent-encoded",
    );
  }
  const connectionString = withoutApplicationName(text);
  try {
    return target(() => ({ connectionString }), { secrets: secretsOf(text) });
  } catch (error) {
    // Such as a certificate file that is not there. What the URL parser says is of no use.
    const known = error instanceof Error && error.name === "Error";
    throw invalidUrl(
      text,
      known ? redact(error.message, secretsOf(text)) : "it is not a valid URL",
    );
  }
}

/** Connections carry their purpose in application_name; one in the URL would win over it. */
function withoutApplicationName(url: string): string {
  return url.replace(/([?&])application_name=[^&#]*&?/gi, "$1").replace(/[?&]$/, "");
}

/** The options of a user's pool. The pool itself is left alone. */
export function poolTarget(pool: pg.Pool): Target {
  const { connectionString, password } = pool.options;
  const secrets = connectionString ? secretsOf(connectionString) : [];
  if (typeof password === "string" && password) secrets.push(password);
  return target(() => ownOptions(pool.options), {
    secrets,
    onConnect: pool.options.onConnect,
    lifetime: {
      maxUses: pool.options.maxUses,
      maxLifetimeSeconds: pool.options.maxLifetimeSeconds,
    },
    ...(pool.options.Client && { Client: pool.options.Client as typeof pg.Client }),
  });
}

/** What a pool's options say about connections; the rest is about the pool, or about reading rows. */
function ownOptions(options: pg.PoolOptions): pg.ClientConfig {
  const own = Object.getOwnPropertyDescriptors(options) as PropertyDescriptorMap;
  for (const name of ["types", "binary", "pipeline", "application_name", "Promise"])
    delete own[name];
  // The password is not enumerable there and must stay so.
  const copy: pg.ClientConfig = Object.defineProperties({}, own);
  if (copy.connectionString) {
    copy.connectionString = withoutApplicationName(copy.connectionString);
  }
  return copy;
}

function target(
  options: () => pg.ClientConfig,
  extra: Partial<Target> & Pick<Target, "secrets">,
): Target {
  // Not connected: `pg` itself fills in its defaults and the PG* variables.
  const { host, port, user, database } = new pg.Client(options());
  return {
    options,
    host,
    port,
    user: user ?? "",
    databaseName: database ?? "",
    place: `${host}:${port}/${database ?? ""}`,
    onConnect: undefined,
    Client: pg.Client,
    lifetime: {},
    embedded: undefined,
    ...extra,
  };
}

function invalidUrl(text: string, why: string): HoldfastError {
  return new HoldfastError(
    "DATABASE_URL_INVALID",
    `The database URL ${redactUrl(text)} cannot be used: ${why}.`,
    {
      hint: "Expected postgres://user:password@host:5432/database; special characters in the password are percent-encoded (@ is %40, / is %2F, # is %23).",
    },
  );
}
