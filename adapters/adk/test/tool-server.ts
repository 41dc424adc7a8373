// Tools `one` and `two` over HTTP, as operations of an OpenAPI document and by MCP.
import { bodyOf, callerOf, type HttpServer, httpServer } from "./http-server.ts";
import { type McpRequest, mcpAnswer } from "./mcp-answers.ts";

export interface ToolServer extends HttpServer {
  /** By who calls, or by the first part of the path: which tools, in their order. */
  readonly callsOf: ReadonlyMap<string, readonly string[]>;
}

export async function toolServer(): Promise<ToolServer> {
  const callsOf = new Map<string, string[]>();
  const call = (who: string, tool: string) => {
    callsOf.set(who, [...(callsOf.get(who) ?? []), tool]);
  };
  const server = await httpServer(async (request, response) => {
    const [, name = "", what = ""] = request.url!.split("?")[0]!.split("/");
    const who = callerOf(request) ?? name;
    response.setHeader("content-type", "application/json");
    if (what !== "mcp") {
      call(who, what);
      response.end(JSON.stringify({ did: what }));
      return;
    }
    const asked = JSON.parse(await bodyOf(request)) as McpRequest;
    if (asked.method === "tools/call") call(who, asked.params!.name!);
    response.end(mcpAnswer(asked, ["one", "two"]));
  });
  return { ...server, callsOf };
}
