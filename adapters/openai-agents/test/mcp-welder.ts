// What a server of MCP says, however it is asked: it has one tool, and counts its calls.
export interface Message {
  readonly id?: number | string;
  readonly method: string;
  readonly params?: { readonly protocolVersion?: string; readonly arguments?: { part: string } };
}

let calls = 0;

/** Undefined for what needs no answer. */
export function answerOf({ id, method, params }: Message): object | undefined {
  if (id === undefined) return undefined;
  const result = resultOf(method, params);
  const error = { code: -32601, message: `There is no ${method}.` };
  return { jsonrpc: "2.0", id, ...(result === undefined ? { error } : { result }) };
}

function resultOf(method: string, params: Message["params"]): object | undefined {
  switch (method) {
    case "initialize":
      return {
        protocolVersion: params?.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: "welder", version: "1.0.0" },
      };
    case "tools/list": {
      const inputSchema = { type: "object", properties: { part: { type: "string" } } };
      return { tools: [{ name: "weld", description: "Welds.", inputSchema }] };
    }
    case "tools/call": {
      calls += 1;
      const text = `welded ${params?.arguments?.part}, call ${calls}`;
      return { content: [{ type: "text", text }] };
    }
    case "ping":
      return {};
    default:
      return undefined;
  }
}
