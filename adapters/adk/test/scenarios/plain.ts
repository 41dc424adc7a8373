// Events as data that two executions have in common: what was said and done, by whom, and what it
// changed. Ids and times are left out.
import type { Event } from "@google/adk";

const ID = /(adk-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

export function plainEvent({
  author,
  partial,
  content,
  actions,
  errorCode,
  output,
}: Event): string {
  const parts = content?.parts ?? [];
  const lines = parts.map(({ text, functionCall, functionResponse }) => {
    if (functionCall) return `calls ${functionCall.name}(${JSON.stringify(functionCall.args)})`;
    if (functionResponse) {
      return `${functionResponse.name} answers ${JSON.stringify(functionResponse.response)}`;
    }
    return JSON.stringify(text);
  });
  const { stateDelta, transferToAgent, escalate } = actions ?? {};
  if (partial) lines.push("(partial)");
  if (errorCode !== undefined) lines.push(`error ${errorCode}`);
  if (output !== undefined) lines.push(`returns ${JSON.stringify(output)}`);
  if (Object.keys(stateDelta ?? {}).length > 0) lines.push(`sets ${JSON.stringify(stateDelta)}`);
  if (transferToAgent !== undefined) lines.push(`transfers to ${transferToAgent}`);
  if (escalate) lines.push("escalates");
  return `${author}: ${lines.join(" ")}`.replace(ID, "<id>");
}
