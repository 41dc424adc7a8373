/** Texts of a conversation, as JSON. Random characters: no compression makes them smaller. */
import { randomBytes } from "node:crypto";

export type Role = "system" | "user" | "assistant" | "tool";

/** A message whose content is `length` random characters. */
export function message(role: Role, length: number): string {
  return JSON.stringify({ role, content: randomText(length) });
}

/** A message of 1 to 2 KB. */
export function longMessage(role: Role): string {
  return message(role, 1000 + Math.floor(Math.random() * 1000));
}

export function randomText(length: number): string {
  return randomBytes(Math.ceil((length * 3) / 4))
    .toString("base64url")
    .slice(0, length);
}
