/**
 * The yardstick: one row, one body, one commit, by a prepared statement. As little as a program can
 * do that wants its row to be durable before it goes on.
 */
import pg from "pg";
import { ask } from "../bench-server.ts";
import { type Contender, drive } from "../measure.ts";

const PLAIN_INSERT = "insert into plain (run_id, body) values ($1, $2)";

export async function createPlainTable(url: string): Promise<void> {
  await ask(
    url,
    `create table plain (id bigint generated always as identity primary key,
       run_id int not null, body text not null, at timestamptz not null default now())`,
  );
}

/** A loop on each of `connections` connections, which are open only while it is measured. */
export function plainInsert(url: string, connections: number, body: string): Contender {
  return {
    name: `bare INSERT, connections: ${connections}`,
    async sample(ms) {
      const clients = await Promise.all(Array.from({ length: connections }, () => connect(url)));
      try {
        return await drive(connections, ms, (lane) =>
          clients[lane]!.query({ name: "plain", text: PLAIN_INSERT, values: [lane, body] }),
        );
      } finally {
        await Promise.all(clients.map((client) => client.end()));
      }
    },
  };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}
