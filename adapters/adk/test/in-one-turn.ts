// ADK answers an open call in a turn of its own, a durable run in place: what it comes to is the same.
import type { PlainTurn } from "./scenarios/run-bare.ts";
import type { Reply, Scenario } from "./scenarios/scenario.ts";

const REQUEST = "adk_request_confirmation";

/** The turns of a bare run as the one turn that a durable run takes. */
export function inOneTurn({ answers = [] }: Scenario, turns: readonly PlainTurn[]): PlainTurn {
  const events = turns.flatMap(({ events }, nth) => {
    const reply = answers[nth - 1];
    // The request of a confirmation is no event; the answer to a tool is one.
    const said = events.filter((event) => !event.includes(`calls ${REQUEST}(`));
    return reply === undefined || reply.call === REQUEST
      ? said
      : [answerEvent(reply, said), ...said];
  });
  return { events, state: turns.at(-1)?.state ?? {} };
}

function answerEvent({ call, response }: Reply, [next = ""]: readonly string[]): string {
  const author = next.slice(0, next.indexOf(":"));
  return `${author}: ${call} answers ${JSON.stringify(response)}`;
}
