import type { Address } from "./presence.ts";

/** The URL of an embedded server, with its password. */
export function serverUrl({ host, port, password }: Address): string {
  return `postgres://postgres:${encodeURIComponent(password)}@${host}:${port}/postgres`;
}
