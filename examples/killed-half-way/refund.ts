/**
 * The app: a plain async function. What it does in `step()` is done once; the rest runs again after a
 * crash. (The model is a script here, so that the story runs without a key.)
 */
import { step } from "@holdfast/core";
import { outside } from "../story/outside.ts";

export interface Complaint {
  readonly order: string;
  readonly text: string;
}

export async function refund({ order, text }: Complaint): Promise<string> {
  const plan = await step("ask the model", () => model(`What to do? ${text}`));
  const { price } = await step("look up the order", () => outside(`found ${order}`, { price: 42 }));
  await step("refund", () => outside(`refunded ${price} €`, {}));
  await step("write to the customer", () => outside("wrote to the customer", {}));
  const summary = await step("ask the model again", () => model(`Sum up: ${plan}`));
  return `${order}: ${summary}`;
}

function model(prompt: string): Promise<string> {
  const answer = prompt.startsWith("Sum") ? "refunded and told so" : "refund it and tell them so";
  return outside("asked the model", answer);
}
