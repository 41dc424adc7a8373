/** A model of ADK's that says what is next in a script, by who asks and what was said so far. */
import { BaseLlm, type BaseLlmConnection, type LlmRequest, type LlmResponse } from "@google/adk";
import { outside } from "../story/outside.ts";

type Parts = NonNullable<NonNullable<LlmResponse["content"]>["parts"]>;

const TITLE = "Where kelp grows";
const TEXT = "In the cold, in the light, and on rock.";

export class ScriptedLlm extends BaseLlm {
  constructor() {
    super({ model: "script" });
  }

  override async *generateContentAsync(request: LlmRequest): AsyncGenerator<LlmResponse, void> {
    const agent = request.config?.labels?.adk_agent_name ?? "";
    yield await outside(`asked the model (${agent}, on ${request.contents.length})`, {
      content: { role: "model", parts: answer(agent, request) },
    });
  }

  override connect(): Promise<BaseLlmConnection> {
    return Promise.reject(new Error("The script has no live connection."));
  }
}

function answer(agent: string, { contents, config }: LlmRequest): Parts {
  const [last] = contents.at(-1)?.parts ?? [];
  const response = last?.functionResponse?.response;
  if (agent === "writer") return [{ text: TEXT }];
  if (agent === "editor") return [{ text: `${TITLE}\n\n${TEXT}` }];
  if (agent === "reviewer") {
    const hasTitle = String(config?.systemInstruction).includes(TITLE);
    return hasTitle ? [call("exit_loop", {})] : [{ text: "It wants a title." }];
  }
  if (agent === "publisher") {
    if (response === undefined) return [call("publish", { title: TITLE, text: TEXT })];
    return [{ text: response.isOut === true ? `"${TITLE}" is out.` : "It stays here." }];
  }
  return response === undefined
    ? [call("search", { query: agent })]
    : [{ text: String(response.found) }];
}

function call(name: string, args: Readonly<Record<string, unknown>>): Parts[number] {
  return { functionCall: { name, args: { ...args } } };
}
