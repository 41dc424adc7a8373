/** A worker: what it says of itself, what others see of it, how it hears of its own death. */
export interface NewWorker {
  /** A uuid. */
  readonly id: string;
  /** How long it lives after it last told so. */
  readonly leaseMs: number;
  readonly host: string;
  readonly pid: number;
  /** Tells the process from every other, on whatever host; nothing where that cannot be known. */
  readonly process?: string;
}

export interface WorkerState extends Omit<NewWorker, "leaseMs"> {
  readonly expiresInMs: number;
  /** What it said last about what it serves. */
  readonly serves: string | undefined;
}

export interface WorkerListener {
  /** It was taken for dead: whatever it held is somebody else's, or soon will be. */
  buried(): void;
  /** Something about how it is heard or hears, for the log. */
  noticed(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** A worker as long as it is one. */
export interface Presence {
  /** Whether hints can be relied on, but for moments. Otherwise there are none. */
  readonly hearsHints: boolean;
  /** Says what it serves, for people and for whoever wonders why a run waits. */
  tell(serves: string): Promise<void>;
  /**
   * Nothing while it is certain that it lives: no lease has passed since it last told so. Else resolves
   * when that is certain again, which it never is once it is a worker no more.
   */
  certain(): Promise<void> | undefined;
  /** It is a worker no more: what it holds can be claimed at once. Its writers go on until it is. */
  leave(): Promise<void>;
}

/** A worker about whom something speaks for its death: proof, or only a sign. */
export interface Suspect {
  readonly workerId: string;
  /** How often it had told that it lives. */
  readonly beats: number;
  /**
   * `expired`: its lease is over. `gone`: its process is. `silent`: its session is gone, and whether its
   * process is cannot be seen from here; that is only a sign, and proof when it is so again a while later,
   * with no beat between.
   */
  readonly why: "expired" | "gone" | "silent";
}
