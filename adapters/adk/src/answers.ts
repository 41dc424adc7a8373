/** ADK's own way to answer: a message of function responses, each to the call that was left open. */
import { REQUEST_CONFIRMATION_FUNCTION_CALL_NAME } from "@google/adk";
import type { GivenAnswer, OpenQuestion } from "@holdfast/core/adapter";
import type { AdkInput } from "./app-types.ts";

type Answering = (open: readonly OpenQuestion[]) => readonly GivenAnswer[] | undefined;

interface FunctionResponse {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly response?: Readonly<Record<string, unknown>> | undefined;
}

interface Confirmation {
  readonly confirmed?: boolean;
  readonly payload?: unknown;
}

/**
 * Undefined for a message without any; what is said beside them is said to nobody. One to a call that no run waits for, such as that of
 * a tool that said what is pending, is a turn of its own; a confirmation never is.
 */
export function answersIn(input: unknown): Answering | undefined {
  const { parts = [] } = (typeof input === "object" ? (input as AdkInput & object) : null) ?? {};
  const given = parts.flatMap(({ functionResponse }) => functionResponse ?? []);
  if (given.length === 0) return undefined;
  return (open) => {
    const answers = given.flatMap((response) => answerTo(open, response) ?? []);
    if (answers.length === given.length) return answers;
    const isTurn = answers.length === 0 && !given.some(isConfirmation);
    return isTurn ? undefined : [];
  };
}

function answerTo(open: readonly OpenQuestion[], given: FunctionResponse): GivenAnswer | undefined {
  const isMeant = ({ kind, callId }: OpenQuestion) =>
    callId !== undefined &&
    callId === given.id &&
    kind === (isConfirmation(given) ? "approval" : "input");
  const question = open.find(isMeant);
  if (question === undefined) return undefined;
  const { wait } = question;
  return { wait, value: isConfirmation(given) ? verdictOf(given) : given.response };
}

function isConfirmation({ name }: FunctionResponse): boolean {
  return name === REQUEST_CONFIRMATION_FUNCTION_CALL_NAME;
}

/** ADK's web page wraps it up as text. */
function verdictOf({ response = {} }: FunctionResponse): unknown {
  const text: unknown = response.response;
  const told = typeof text === "string" ? JSON.parse(text) : response;
  const { confirmed = false, payload } = told as Confirmation;
  return { approved: confirmed === true, ...(payload === undefined ? {} : { args: payload }) };
}
