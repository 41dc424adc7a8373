import { generateClientFunctionCallId, type LlmResponse } from "@google/adk";

type Part = NonNullable<NonNullable<LlmResponse["content"]>["parts"]>[number];

/**
 * The response with an id for every function call that has none, or the response itself if all have
 * one. ADK would make them up later, when they are on no record.
 */
export function withCallIds(response: LlmResponse): LlmResponse {
  const { content } = response;
  if (content?.parts?.some(lacksId) !== true) return response;
  const parts = content.parts.map((part) => (lacksId(part) ? withId(part) : part));
  return { ...response, content: { ...content, parts } };
}

export function hasCalls({ content }: LlmResponse): boolean {
  return content?.parts?.some(({ functionCall }) => functionCall !== undefined) ?? false;
}

function lacksId({ functionCall }: Part): boolean {
  return functionCall !== undefined && !functionCall.id;
}

function withId(part: Part): Part {
  return { ...part, functionCall: { ...part.functionCall, id: generateClientFunctionCallId() } };
}
