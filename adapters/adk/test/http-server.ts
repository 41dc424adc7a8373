import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { callerName } from "./calls-once.ts";

const CALLER = "x-caller";

export interface HttpServer {
  readonly url: string;
  close(): Promise<void>;
}

/** On a port of its own, of this machine alone. */
export async function httpServer(listener: RequestListener): Promise<HttpServer> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Adds to each request of `fetch` who calls, as `callsOnce` names it. */
export function sayingWhoCalls(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set(CALLER, callerName());
    return fetch(input, { ...init, headers });
  };
}

/** Undefined of a request that does not say it. */
export function callerOf({ headers }: IncomingMessage): string | undefined {
  return headers[CALLER] as string | undefined;
}
