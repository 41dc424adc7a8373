// Gemini's HTTP interface, as its own client talks to it: whole answers, and answers in pieces.
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

interface Asked {
  readonly contents: readonly {
    readonly parts: readonly {
      readonly text?: string;
      readonly functionResponse?: { readonly response: unknown };
    }[];
  }[];
}

export interface GeminiServer {
  readonly url: string;
  readonly calls: number;
  close(): Promise<void>;
}

/** Has a tool `look` called once, and then says what that has answered; asked to fail, it fails. */
export async function geminiServer(): Promise<GeminiServer> {
  let calls = 0;
  const server = createServer(async (request, response) => {
    calls += 1;
    const asked = JSON.parse(await bodyOf(request)) as Asked;
    const isStream = request.url?.includes(":streamGenerateContent") ?? false;
    const last = asked.contents.at(-1)?.parts[0];
    if (last?.text?.includes("fail")) {
      response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { code: 400, message: "No.", status: "INVALID" } }));
      return;
    }
    const parts =
      last?.functionResponse === undefined
        ? [{ functionCall: { name: "look", args: { q: "sea" } } }]
        : ["It ", "is ", JSON.stringify(last.functionResponse.response)].map((text) => ({ text }));
    response.writeHead(200, {
      "content-type": isStream ? "text/event-stream" : "application/json",
    });
    if (isStream) for (const part of parts) response.write(`data: ${answer([part])}\r\n\r\n`);
    response.end(isStream ? undefined : answer(parts));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get calls() {
      return calls;
    },
    close: () => closed(server),
  };
}

function answer(parts: readonly object[]): string {
  const candidates = [{ content: { role: "model", parts }, finishReason: "STOP", index: 0 }];
  const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 };
  return JSON.stringify({ candidates, usageMetadata, modelVersion: "fake" });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
