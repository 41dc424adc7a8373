import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Database, type DatabaseOptions, openDatabase } from "../../src/database/index.ts";
import { testDatabase } from "../support/test-database.ts";
import { pgbouncer } from "./support/pgbouncer.ts";

// Debian's is older than 1.21, which keeps track of names.
const pooler = pgbouncer({ mode: "transaction", connections: 3 });
const { url: directUrl, pool: direct } = testDatabase();

async function open(options: DatabaseOptions): Promise<Database> {
  const database = await openDatabase(options);
  onTestFinished(() => database.close());
  return database;
}

test("a pooler is noticed, and told from the server itself", async () => {
  const through = await open({ database: pooler.through(directUrl) });
  expect(through.pooled).toBe(true);
  expect(through.description).toMatch(/ through a pooler$/);
  expect((await open({ database: directUrl })).pooled).toBe(false);
});

test("nothing is set on connections that others may get", async () => {
  const database = await open({ database: pooler.through(directUrl) });
  const pool = database.pool("append", { max: 1, pipeline: true, planOnce: true });
  await pool.query("select 1");
  const theirs = new pg.Pool({ connectionString: pooler.through(directUrl), max: 6 });
  onTestFinished(() => theirs.end());
  const settings = await Promise.all(
    Array.from({ length: 6 }, () =>
      theirs.query(`
        select pg_sleep(0.1), current_setting('plan_cache_mode') as plan,
               (select source from pg_settings where name = 'synchronous_commit') as source`),
    ),
  );
  for (const { rows } of settings) {
    expect(rows).toMatchObject([{ plan: "auto", source: expect.not.stringMatching("session") }]);
  }
});

describe("statements behind a pooler that hands names on as they are", () => {
  const named = { name: "holdfast_test_statement", text: "select $1::int as one", values: [1] };

  async function fromManyClients(database: Database): Promise<void> {
    const pools = [1, 2, 3, 4].map((index) => database.pool(`test ${index}`, { max: 2 }));
    for (let round = 0; round < 5; round += 1) {
      const results = await Promise.all(
        pools.flatMap((pool) => [pool.query(named), pool.query(named)]),
      );
      for (const { rows } of results) expect(rows).toEqual([{ one: 1 }]);
    }
  }

  test.each([undefined, true, false])("have no names, preparedStatements: %s", async (wanted) => {
    const options = wanted === undefined ? {} : { preparedStatements: wanted };
    await fromManyClients(await open({ database: pooler.through(directUrl), ...options }));
  });

  test("leave nothing of what was tried on connections that others get", async () => {
    await open({ database: pooler.through(directUrl) });
    const theirs = new pg.Client({ connectionString: pooler.through(directUrl) });
    await theirs.connect();
    onTestFinished(() => theirs.end());
    const { rows } = await theirs.query("select name from pg_prepared_statements");
    expect(rows).toEqual([]);
  });

  test("would fail with them: this pooler is one of those", async () => {
    const pool = new pg.Pool({ connectionString: pooler.through(directUrl), max: 8 });
    onTestFinished(() => pool.end());
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => pool.query(named)));
    expect(results.some(({ status }) => status === "rejected")).toBe(true);
  });

  test("have their names on a connection to the server itself, unless that is not wanted", async () => {
    const names = async (options: DatabaseOptions) => {
      const pool = (await open({ database: directUrl, ...options })).pool("test", { max: 1 });
      await pool.query(named);
      const { rows } = await pool.query("select name from pg_prepared_statements");
      return rows.map(({ name }) => name);
    };
    expect(await names({})).toEqual([named.name]);
    expect(await names({ preparedStatements: false })).toEqual([]);
  });
});

describe("connections of a pooler whose commits", () => {
  async function asSet(setting: string): Promise<void> {
    const name = new URL(directUrl).pathname.slice(1);
    await direct.query(`alter database ${name} set synchronous_commit = ${setting}`);
    onTestFinished(async () => {
      await direct.query(`alter database ${name} reset synchronous_commit`);
      await pooler.restart();
    });
    await pooler.restart();
  }

  test.each(["off", "local"])("can be lost are refused: %s", async (setting) => {
    await asSet(setting);
    await expect(openDatabase({ database: pooler.through(directUrl) })).rejects.toMatchObject({
      code: "DATABASE_NOT_DURABLE",
      hint: expect.stringContaining("SET synchronous_commit = on"),
      details: { expected: "on", found: setting },
    });
  });

  test.each(["on", "remote_write", "remote_apply"])("last are taken: %s", async (setting) => {
    await asSet(setting);
    expect((await open({ database: pooler.through(directUrl) })).pooled).toBe(true);
  });
});
