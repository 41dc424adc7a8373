/**
 * A turn that is under way: what it has said so far, what it asks, and how it fails. Found by where in
 * the run the caller is: one run can have several, one inside the other.
 */
import type { Event } from "@google/adk";
import type { RunContext } from "@holdfast/core/adapter";

const open = new WeakMap<RunContext, Set<OpenTurn>>();

export class OpenTurn {
  readonly path: string;
  /** Rejects with what the turn fails with, if it does. */
  readonly failed: Promise<never>;
  readonly #run: RunContext;
  readonly #outputOf: (events: readonly Event[]) => unknown;
  readonly #emit: (event: Event) => void;
  readonly #fail: (error: unknown) => void;
  readonly #events: Event[] = [];
  readonly #asked = new Set<Event>();
  #open = 0;

  constructor(
    run: RunContext,
    outputOf: (events: readonly Event[]) => unknown,
    emit: (event: Event) => void = () => {},
  ) {
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => {});
    this.failed = promise;
    this.#fail = reject;
    this.path = run.path;
    this.#run = run;
    this.#outputOf = outputOf;
    this.#emit = emit;
    open.set(run, (open.get(run) ?? new Set()).add(this));
  }

  get events(): readonly Event[] {
    return this.#events;
  }

  say(event: Event, isNew: boolean): void {
    this.#events.push(event);
    if (isNew) this.#emit(event);
  }

  close(): void {
    open.get(this.#run)?.delete(this);
  }

  /** The turn ends with this; whoever calls stays where it is. */
  fail(error: unknown): Promise<never> {
    this.#fail(error);
    return new Promise(() => {});
  }

  /**
   * While the question is open, whoever asked for the run is given what there is by then, and `event`,
   * which asks: as with ADK. An app that is only a part of the run waits in place.
   */
  async asking<T>(event: Event | undefined, ask: () => Promise<T>): Promise<T> {
    if (this.path !== "") return ask();
    if (event !== undefined) this.#asked.add(event);
    this.#open += 1;
    this.#run.pauseWith(() => this.#pause());
    const answer = await ask();
    this.#open -= 1;
    if (event !== undefined) this.#asked.delete(event);
    if (this.#open === 0) this.#run.pauseWith(undefined);
    return answer;
  }

  #pause(): unknown {
    for (const event of this.#asked) this.#emit(event);
    return this.#outputOf([...this.#events, ...this.#asked]);
  }
}

/** The innermost turn that the caller is in. */
export function currentTurn(run: RunContext): OpenTurn | undefined {
  const isAround = ({ path }: OpenTurn) => run.path === path || run.path.startsWith(`${path}/`);
  const around = [...(open.get(run) ?? [])].filter(isAround);
  return around.toSorted((one, other) => other.path.length - one.path.length)[0];
}
