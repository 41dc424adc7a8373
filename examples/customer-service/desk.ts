/**
 * The desk: OpenAI Agents and nothing else. Three agents that hand off to one another, tools that change
 * the context, and one whose calls a person has to approve.
 */
import { Agent, type RunContext } from "@openai/agents";
import { bookSeat, type Customer, findBooking, refund } from "./tools.ts";

/** What each agent is told, beside its own task. */
function instructions(task: string) {
  return ({ context: { booking = "not known yet" } }: RunContext<Customer>): string =>
    `You are one of several agents of an airline. The booking: ${booking}. ${task}
Hand off to another agent for what is not your task, without a word to the customer.`;
}

const seats = new Agent<Customer>({
  name: "Seats",
  handoffDescription: "Books seats.",
  instructions: instructions(
    "Book the seat that the customer wants. Then say in one short sentence all that was done.",
  ),
  tools: [bookSeat],
});

const refunds = new Agent<Customer>({
  name: "Refunds",
  handoffDescription: "Pays money back.",
  instructions: instructions("Refund what was paid for a cancelled flight."),
  tools: [refund],
  handoffs: [seats],
});

export const triage: Agent<Customer> = new Agent<Customer>({
  name: "Triage",
  instructions: instructions("Find the booking. A refund comes before a seat."),
  tools: [findBooking],
  handoffs: [refunds, seats],
});

seats.handoffs.push(triage);
