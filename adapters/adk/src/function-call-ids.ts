import type { LlmResponse } from "@google/adk";

type Part = NonNullable<NonNullable<LlmResponse["content"]>["parts"]>[number];

/**
 * The response with an id for every function call that has none, or the response itself if all have
 * one. Like the ids ADK makes up, they begin with `adk-`: those are not shown to the model.
 */
export function withCallIds(response: LlmResponse, newId: () => string): LlmResponse {
  const { content } = response;
  if (content?.parts?.some(lacksId) !== true) return response;
  const parts = content.parts.map((part) =>
    lacksId(part)
      ? { ...part, functionCall: { ...part.functionCall, id: `adk-${newId()}` } }
      : part,
  );
  return { ...response, content: { ...content, parts } };
}

export function hasCalls({ content }: LlmResponse): boolean {
  return content?.parts?.some(({ functionCall }) => functionCall !== undefined) ?? false;
}

function lacksId({ functionCall }: Part): boolean {
  return functionCall !== undefined && !functionCall.id;
}
