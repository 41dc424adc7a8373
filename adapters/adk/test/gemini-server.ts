// Gemini's HTTP interface, as its own client talks to it: whole answers, and answers in pieces.
import { bodyOf, callerOf, type HttpServer, httpServer } from "./http-server.ts";

interface Asked {
  readonly contents: readonly {
    readonly parts: readonly {
      readonly text?: string;
      readonly functionResponse?: { readonly response: unknown };
    }[];
  }[];
}

export interface GeminiServer extends HttpServer {
  readonly calls: number;
  /** By who calls, or by the text that a conversation begins with. */
  readonly callsOf: ReadonlyMap<string, number>;
}

/** Has a tool `look` called once, and then says what that has answered; asked to fail, it fails. */
export async function geminiServer(): Promise<GeminiServer> {
  let calls = 0;
  const callsOf = new Map<string, number>();
  const server = await httpServer(async (request, response) => {
    calls += 1;
    const asked = JSON.parse(await bodyOf(request)) as Asked;
    const who = callerOf(request) ?? asked.contents[0]?.parts[0]?.text ?? "";
    callsOf.set(who, (callsOf.get(who) ?? 0) + 1);
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
  return {
    ...server,
    callsOf,
    get calls() {
      return calls;
    },
  };
}

function answer(parts: readonly object[]): string {
  const candidates = [{ content: { role: "model", parts }, finishReason: "STOP", index: 0 }];
  const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 };
  return JSON.stringify({ candidates, usageMetadata, modelVersion: "fake" });
}
