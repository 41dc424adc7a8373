// Statements are prepared under names, so that each is parsed once for a connection. Behind a pooler
// that hands every transaction to another connection, and the names on as they are, that fails: there
// the same statements are sent without their names.
import type pg from "pg";

/** The class, but what its clients are asked carries no name. */
export function withUnnamedStatements(Client: typeof pg.Client): typeof pg.Client {
  return class extends Client {
    constructor(config?: pg.ClientConfig) {
      super(config);
      const query = this.query.bind(this) as (config: unknown, ...rest: unknown[]) => unknown;
      const unnamed = (config: unknown, ...rest: unknown[]) => query(withoutName(config), ...rest);
      this.query = unnamed as typeof this.query;
    }
  };
}

function withoutName(config: unknown): unknown {
  if (typeof config !== "object" || config === null || !("name" in config)) return config;
  const { name: _, ...rest } = config;
  return rest;
}
