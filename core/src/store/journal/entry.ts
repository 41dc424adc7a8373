import type { ListId, Value } from "../content/value.ts";

export interface NewEntry {
  /** What happened: `started`, `finished`, `failed`, … The store gives it no meaning. */
  readonly entry: string;
  /** The `started` entry this one is about. */
  readonly step?: number;
  readonly kind?: string;
  readonly name?: string;
  readonly scope?: string;
  /** The framework's own id of the call, and the hash of its normalised input: what it is known by. */
  readonly callId?: string;
  readonly hash?: string;
  /** Whether another step of the same scope, kind and name was under way. Default: false. */
  readonly overlapped?: boolean;
  /** Everything the step is given, as texts in order: stored as a difference to what is there. */
  readonly input?: readonly string[];
  readonly value?: Value;
}

export interface Entry {
  readonly seq: number;
  readonly epoch: number;
  readonly entry: string;
  readonly step: number | undefined;
  readonly kind: string | undefined;
  readonly name: string | undefined;
  readonly scope: string | undefined;
  readonly callId: string | undefined;
  readonly hash: string | undefined;
  readonly overlapped: boolean;
  readonly input: ListId | undefined;
  readonly value: string | undefined;
  readonly at: Date;
}
