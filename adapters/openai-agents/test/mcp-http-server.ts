// A server of MCP over HTTP, on the loopback.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { answerOf, type Message } from "./mcp-welder.ts";

export interface HttpServer {
  readonly url: string;
  /** The methods that were asked for. */
  readonly asked: string[];
  close(): Promise<void>;
}

export async function mcpHttpServer(): Promise<HttpServer> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    // It has nothing to say by itself, and sessions end without a word.
    if (request.method !== "POST") {
      response.writeHead(405).end();
      return;
    }
    const message = JSON.parse(await text(request)) as Message;
    asked.push(message.method);
    const answer = answerOf(message);
    if (answer === undefined) {
      response.writeHead(202).end();
      return;
    }
    const session = { "mcp-session-id": "welding" };
    response.writeHead(200, { "content-type": "application/json", ...session });
    response.end(JSON.stringify(answer));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
