/** What the agents can do, and what they know about the customer. */
import { setTimeout as sleep } from "node:timers/promises";
import { type RunContext, tool } from "@openai/agents";
import { z } from "zod";
import { outside } from "../story/outside.ts";

export interface Customer {
  booking?: string;
  seat?: string;
}

export const findBooking = tool({
  name: "find_booking",
  description: "Finds a booking by its code.",
  parameters: z.object({ code: z.string() }),
  async execute({ code }, context?: RunContext<Customer>) {
    const found = `${code}: one passenger, 240 €, cancelled; moved to tomorrow at 9:40`;
    await outside(`found ${code}`, undefined);
    if (context !== undefined) context.context.booking = code;
    return found;
  },
});

export const refund = tool({
  name: "refund",
  description: "Pays money back to the customer.",
  parameters: z.object({ booking: z.string(), euros: z.number() }),
  needsApproval: true,
  async execute({ booking, euros }) {
    await outside(`refunded ${euros} €`, undefined);
    await sleep(400); // The bank takes its time to say so.
    return `${euros} € are on their way back for ${booking}.`;
  },
});

export const bookSeat = tool({
  name: "book_seat",
  description: "Books a seat on the flight of a booking.",
  parameters: z.object({ booking: z.string(), seat: z.string() }),
  async execute({ booking, seat }, context?: RunContext<Customer>) {
    await outside(`booked seat ${seat}`, undefined);
    if (context !== undefined) context.context.seat = seat;
    return `${seat} is booked for ${booking}.`;
  },
});
