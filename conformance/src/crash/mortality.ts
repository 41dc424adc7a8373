/**
 * The life of one process, as its database sees it. Invariant: once it is dead, nothing it asks for is
 * done or answered; what it had asked for before is settled when `settled` resolves. Of the writes up
 * to the one it dies at, all are durable; of later ones, none.
 */
import type { CrashPoint } from "./crash-point.ts";

export class Mortality {
  /** Resolves when it dies. */
  readonly died: Promise<void>;
  readonly #dieAt: CrashPoint | undefined;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #resolveDied: () => void;
  #writes = 0;
  #effects = 0;
  #isDead = false;
  /** Whether it only waits for its last write to be durable. */
  #isDying = false;

  constructor(dieAt?: CrashPoint) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#dieAt = dieAt;
    this.died = promise;
    this.#resolveDied = resolve;
  }

  get isDead(): boolean {
    return this.#isDead;
  }
  get writes(): number {
    return this.#writes;
  }
  get effects(): number {
    return this.#effects;
  }

  die(): void {
    this.#isDead = true;
    this.#resolveDied();
  }

  /** Something that is no write: a read, a heartbeat. */
  pass<T>(call: () => Promise<T>): Promise<T> {
    return this.#isDead ? never() : this.#forward(call);
  }

  write<T>(call: () => Promise<T>): Promise<T> {
    if (this.#isDead || this.#isDying) return never();
    this.#writes += 1;
    const point = this.#dieAt;
    if (point === undefined || !("write" in point) || point.write !== this.#writes) {
      return this.#forward(call);
    }
    if (point.when === "before") {
      this.die();
      return never();
    }
    this.#isDying = true;
    const dies = () => {
      this.die();
      return never<T>();
    };
    return this.#forward(call).then(dies, dies);
  }

  /** Something happens outside: `happens` says so, and `announces` has the journal say that it may. */
  async effect(happens: () => void, announces: () => void): Promise<void> {
    if (this.#isDead) return never();
    happens();
    this.#effects += 1;
    const point = this.#dieAt;
    if (point === undefined || !("effect" in point) || point.effect !== this.#effects) return;
    if (point.announced) {
      announces();
      await this.settled();
    }
    this.die();
    return never();
  }

  /** Resolves when nothing of what it asked for is under way any more. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  #forward<T>(call: () => Promise<T>): Promise<T> {
    const answer = call();
    const done = () => void this.#underWay.delete(answer);
    this.#underWay.add(answer);
    answer.then(done, done);
    return answer.then(
      (value) => (this.#isDead ? never() : value),
      (error: unknown) => (this.#isDead ? never() : Promise.reject(error)),
    );
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => {});
}
