/**
 * Sees everything the program does in all its executions, from outside the journal, and knows what may
 * not happen: a step that has returned runs again; a result goes to another request; a point of the
 * program that has returned returns something else later; a race that had consequences turns out
 * otherwise.
 */
interface Point {
  /** Times its body was begun, in all executions. */
  begun: number;
  /** What it returned, in whichever execution that was. */
  returned: string | undefined;
}

export class Oracle {
  readonly #points = new Map<string, Point>();
  readonly #decisions = new Map<string, string>();
  readonly violations: string[] = [];
  #orderGivenUp = false;

  /** A body begins. Steps with the same input in one group are the same to the rules, and to us. */
  began(point: string, once: boolean): void {
    const known = this.#point(point);
    known.begun += 1;
    if (known.returned !== undefined) this.#violated(`${point} had returned and ran again`);
    if (once && known.begun > 1) this.#violated(`${point} may run only once and ran again`);
  }

  returned(
    point: string,
    asked: string,
    value: { readonly input: string; readonly text: string },
  ): void {
    if (value.input !== asked) {
      this.#violated(`${point} asked for "${asked}" and was given the result of "${value.input}"`);
    }
    const known = this.#point(point);
    if (known.returned !== undefined && known.returned !== value.text) {
      this.#violated(`${point} returned ${known.returned} and later ${value.text}`);
    }
    known.returned = value.text;
  }

  /** The journal said that it could not keep the order of results: races may turn out otherwise now. */
  orderWasGivenUp(): void {
    this.#orderGivenUp = true;
  }

  /** A race went this way, and something that came after it has returned. */
  decided(race: string, winner: string): void {
    const known = this.#decisions.get(race);
    if (known !== undefined && known !== winner && !this.#orderGivenUp) {
      this.#violated(`race ${race} was won by ${known} and later by ${winner}`);
    }
    this.#decisions.set(race, winner);
  }

  stalled(what: string): void {
    this.#violated(what);
  }

  #point(point: string): Point {
    let known = this.#points.get(point);
    if (known === undefined) {
      known = { begun: 0, returned: undefined };
      this.#points.set(point, known);
    }
    return known;
  }

  #violated(what: string): void {
    this.violations.push(what);
  }
}
