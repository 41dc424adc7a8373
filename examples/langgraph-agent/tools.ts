/** What the agent can do. */
import { type StructuredToolInterface, tool } from "@langchain/core/tools";
import { z } from "zod";
import { outside } from "../story/outside.ts";

const lookUpOrder = tool(({ order }) => outside(`found ${order}`, `${order}: a lamp, 42 €, lost`), {
  name: "look_up_order",
  description: "Finds an order by its number.",
  schema: z.object({ order: z.string() }),
});

const refund = tool(
  ({ order, amount }) => outside(`refunded ${amount} €`, `${order} is refunded`),
  {
    name: "refund",
    description: "Pays for an order back.",
    schema: z.object({ order: z.string(), amount: z.number().describe("In €") }),
  },
);

const writeToCustomer = tool(() => outside("wrote to the customer", "The mail is on its way."), {
  name: "write_to_customer",
  description: "Sends a mail to the customer.",
  schema: z.object({ text: z.string() }),
});

export const tools: StructuredToolInterface[] = [lookUpOrder, refund, writeToCustomer];
