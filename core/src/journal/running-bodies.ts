/**
 * The bodies that run now. Each has a scope of its own for what happens inside it; one that only waits
 * inside for somebody's answer, or is held up, does nothing, and is not busy. The body of a container is
 * no effect: what is to come to its end are the bodies inside.
 */
import type { LiveStep } from "./live-step.ts";
import { bodyPath, isWithin, Scope, type StepInside, tryPath } from "./scope.ts";
import type { StepKind } from "./step-record.ts";

interface BodyOptions {
  readonly live: LiveStep;
  readonly parent: Scope;
  readonly isContainer: boolean;
  /** The how-manieth try this is. */
  readonly nth: number;
  readonly fresh: boolean;
  /** Called when the path of its scope is first asked for. */
  readonly onPath: (path: string) => void;
}

interface RunningBody {
  readonly live: LiveStep;
  readonly isContainer: boolean;
  readonly scope: Scope;
  readonly inside: StepInside;
  /** The path of its scope, were it the first try. */
  readonly basePath: string;
  end(): void;
}

export class RunningBodies {
  readonly #running = new Set<RunningBody>();

  begin({ live, parent, isContainer, nth, fresh, onPath }: BodyOptions): RunningBody {
    // Made when somebody asks for the signal: few bodies do.
    let aborter: AbortController | undefined;
    let aborted: { readonly reason: unknown } | undefined;
    const inside: StepInside = {
      get seq() {
        return live.seq;
      },
      kind: live.identity.kind as StepKind,
      try: nth,
      again: live.again || nth > 1,
      get signal() {
        aborter ??= new AbortController();
        if (aborted !== undefined) aborter.abort(aborted.reason);
        return aborter.signal;
      },
      abort(reason) {
        aborted ??= { reason };
        aborter?.abort(aborted.reason);
      },
    };
    const basePath = () => bodyPath(live.identity, live.seq);
    const path = () => {
      const found = tryPath(basePath(), nth);
      onPath(found);
      return found;
    };
    const { execution } = parent;
    const scope = new Scope({ execution, parent, path, fresh, step: inside });
    const body: RunningBody = {
      live,
      isContainer,
      scope,
      inside,
      get basePath() {
        return basePath();
      },
      end: () => {
        scope.leave();
        this.#running.delete(body);
      },
    };
    scope.enter();
    this.#running.add(body);
    return body;
  }

  /** Whether a body that does something runs in this scope or below. */
  isBusy(scope: string): boolean {
    for (const body of this.#running) {
      if (!body.scope.isStill && isWithin(body.scope.parent!.knownPath, scope)) return true;
    }
    return false;
  }

  /** Whether none of them would have to be run again if all ended now: they only wait for somebody. */
  get areAtRest(): boolean {
    return [...this.#running].every(({ scope }) => scope.waits);
  }

  /** Whether none of them does anything that would have to be done again. */
  get areStill(): boolean {
    return this.#leaves.every(({ scope }) => scope.isStill);
  }

  /** Whether what happens here is part of a body that is to come to its end. */
  isWithinOne(here: Scope): boolean {
    return this.#leaves.some(({ scope }) => here.isIn(scope));
  }

  get #leaves(): readonly RunningBody[] {
    return [...this.#running].filter(({ isContainer }) => !isContainer);
  }

  /** Nobody wants what they come to. Those that only wait, or have not begun yet, are at rest. */
  stop(reason: unknown): void {
    for (const body of this.#running) {
      if (body.scope.isStill || !body.live.inBody) body.live.rest();
      body.inside.abort(reason);
    }
  }
}
