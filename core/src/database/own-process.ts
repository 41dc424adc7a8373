// A server tells each client which of its processes it talks to. A pooler tells its clients something
// else: what they talk to changes.
import type { ClientBase } from "pg";

/** Whether there is a server process at the other end that is nobody else's. */
export async function leadsToOwnProcess(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return "processID" in client && client.processID === rows[0]!.pid;
}
