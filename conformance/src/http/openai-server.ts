/**
 * A server that answers like OpenAI's, on the loopback: for the real clients of the frameworks, whose
 * every call can be counted. It stays up while the processes that call it die.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type ChatAnswer,
  type ChatRequest,
  echo,
  pieces,
  type Said,
  whole,
} from "./chat-completion.ts";
import { KeptConversations } from "./kept-conversations.ts";
import { asChat, type ResponseRequest, responseEvents, wholeResponse } from "./response.ts";

interface OpenAIServerOptions {
  /** Default: `echo`. */
  readonly answer?: (request: ChatRequest) => ChatAnswer | Promise<ChatAnswer>;
}

export interface OpenAIServer {
  /** What a client is given as its base URL. */
  readonly url: string;
  /** What was asked of it so far: chats and responses as they are, embeddings as their texts. */
  readonly requests: readonly Asked[];
  /** What is kept of a conversation that was named, or up to a response: its items. */
  kept(id: string): readonly object[];
  close(): Promise<void>;
}

type Asked = ChatRequest | ResponseRequest | { readonly input: readonly string[] };

export async function openAIServer({
  answer = echo,
}: OpenAIServerOptions = {}): Promise<OpenAIServer> {
  const requests: Asked[] = [];
  const conversations = new KeptConversations();
  const server = createServer((request, response) => {
    void respond(request, response).catch((error: unknown) => {
      response.destroy(error as Error);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    kept: (id) => conversations.of(id),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await bodyOf(request);
    if (request.url?.endsWith("/embeddings")) {
      const { input } = asked as { readonly input: string | readonly string[] };
      const texts = typeof input === "string" ? [input] : input;
      requests.push({ input: texts });
      send(response, 200, embeddingsOf(texts));
      return;
    }
    requests.push(asked as Asked);
    if (request.url?.endsWith("/responses")) await respondTo(asked as ResponseRequest, response);
    else await complete(asked as ChatRequest, response);
  }

  async function complete(chat: ChatRequest, response: ServerResponse): Promise<void> {
    const said = await answer(chat);
    if ("error" in said) refuse(response, said);
    else if (chat.stream) await stream(response, pieces(chat, said), cutAfterOf(said));
    else send(response, 200, whole(chat, said));
  }

  async function respondTo(asked: ResponseRequest, response: ServerResponse): Promise<void> {
    const request = conversations.whole(asked);
    if ("error" in request) return refuse(response, request);
    const said = await answer(asChat(request));
    if ("error" in said) return refuse(response, said);
    const all = wholeResponse(request, said);
    conversations.keep(request, all.id, all.output);
    if (asked.stream) await stream(response, responseEvents(request, said), cutAfterOf(said));
    else send(response, 200, all);
  }

  async function stream(
    response: ServerResponse,
    told: Iterable<object>,
    cutAfter: number | undefined,
  ): Promise<void> {
    response.writeHead(200, { "content-type": "text/event-stream" });
    let count = 0;
    for (const piece of told) {
      if (count === cutAfter) {
        response.socket?.end();
        return;
      }
      count += 1;
      const line = `data: ${JSON.stringify(piece)}\n\n`;
      await new Promise((sent) => response.write(line, sent));
    }
    response.end("data: [DONE]\n\n");
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString() || "{}");
}

type Refused = Extract<ChatAnswer, { readonly error: string }>;

function refuse(response: ServerResponse, { error: message, status }: Refused): void {
  // A client that asks again does so soon.
  response.setHeader("retry-after-ms", "1");
  send(response, status, { error: { message, type: "invalid_request_error", code: null } });
}

function cutAfterOf(said: Said): number | undefined {
  return "cutAfter" in said ? said.cutAfter : undefined;
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

/** Of a text, its length and its first and last letter: equal texts are near each other. */
function embeddingsOf(texts: readonly string[]): object {
  const data = texts.map((text, index) => ({
    object: "embedding",
    index,
    embedding: [text.length, text.charCodeAt(0) || 0, text.charCodeAt(text.length - 1) || 0],
  }));
  return { object: "list", data, model: "fake", usage: { prompt_tokens: 1, total_tokens: 1 } };
}
