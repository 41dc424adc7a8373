/** A question that someone or some time is to answer, and what is said on it. */
/** A question that someone or some time is to answer. */
export interface NewWait {
  /** The number of the entry that asks. */
  readonly seq: number;
  readonly kind: string;
  readonly name: string;
  /** Of what is asked: an answer can be bound to it. */
  readonly fingerprint: string;
  /** What is asked, an encoded value. */
  readonly body?: string;
  /** When it falls due, from now on by the database's clock. Default: never. */
  readonly dueInMs?: number;
}

export interface Wait {
  readonly seq: number;
  readonly kind: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly body: string | undefined;
  readonly openedAt: Date;
  /** By the database's clock; negative once it is due. */
  readonly dueInMs: number | undefined;
}

/** A wait of kind `child`, which has the awaited run's id for a name. */
export interface WaitForEnd {
  readonly runId: string;
  readonly seq: number;
  readonly of: string;
}

/** A wait that is there and not closed. */
export interface OpenWait {
  /** Its number. */
  readonly wait: number;
  /** Whether it must not be due yet, or must be, by the database's clock. */
  readonly while: "open" | "due";
  /** What it must be about. Default: whatever it is about. */
  readonly fingerprint?: string;
}
