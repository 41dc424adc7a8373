// What a server of MCP answers that offers tools of some names, by whichever way it is asked.
export interface McpRequest {
  readonly id?: number;
  readonly method: string;
  readonly params?: { readonly name?: string; readonly protocolVersion?: string };
}

export function mcpAnswer({ id, method, params }: McpRequest, names: readonly string[]): string {
  return JSON.stringify({ jsonrpc: "2.0", id, result: resultOf(method, params, names) });
}

function resultOf(method: string, params: McpRequest["params"], names: readonly string[]): unknown {
  if (method === "initialize") {
    const serverInfo = { name: "tools", version: "1" };
    return { protocolVersion: params?.protocolVersion, capabilities: { tools: {} }, serverInfo };
  }
  if (method === "tools/call") return { content: [{ type: "text", text: `did ${params?.name}` }] };
  const inputSchema = { type: "object", properties: {} };
  return { tools: names.map((name) => ({ name, description: `Does ${name}.`, inputSchema })) };
}
