// A scenario as the crash harness takes it: run durably to its end, its approvals decided by people.
import { currentScope } from "@holdfast/core/journal";
import type { Wait } from "@holdfast/core/store";
import type { Scenario as CrashScenario, People } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { type PlainResult, plain, plainError } from "./scenarios/plain.ts";
import { runBare, WHY_REJECTED } from "./scenarios/run-bare.ts";
import type { Scenario } from "./scenarios/scenario.ts";

/** The agent itself is what is run. */
export function crashScenario(scenario: Scenario): CrashScenario {
  return {
    name: scenario.name,
    async run({ runtime, runId, effect }): Promise<PlainResult | string> {
      const built = scenario.build((name) => effect(`${name}${place()}`));
      const { runner, input, options, heard } = built;
      const app = runner === undefined ? built.app : { agent: built.app, runner };
      const durable = { runId, until: "end" } as const;
      if (scenario.streamed === undefined) {
        const running = runtime.run(app, input, { ...options, durable });
        if (scenario.fails) return running.then(() => "nothing", plainError);
        return plain(await running, heard);
      }
      const stream = runtime.stream(app, input, { ...options, durable });
      await stream.completed;
      return plain(stream as never, heard);
    },
    answer,
  };
}

/** The very code that runs it bare is what is run: a plain function that calls `run()`, streams, decides. */
export function inPlainCode(scenario: Scenario): CrashScenario {
  return {
    name: `${scenario.name}, in plain code`,
    run({ runtime, runId, effect }) {
      const program = (_: null) => runBare(scenario, (name) => effect(`${name}${place()}`));
      return runtime.run(program, null, { durable: { runId } });
    },
    answer,
  };
}

/** Of a call that was approved and then in doubt, a person says that it is to be made again. */
export async function answer({ kind, seq, body }: Wait, { handle }: People): Promise<void> {
  const { step, q } = JSON.parse(body!) as { readonly step?: number; readonly q?: string };
  if (kind === "doubt") await handle.settle(step!, "retry");
  else if (q === "home") await handle.reject(seq, { note: WHY_REJECTED });
  else await handle.approve(seq);
}

/**
 * Where an effect happens, to tell it from equal ones elsewhere. The numbers of steps around it are left
 * out: they are not the same in every process. So is how often a turn was gone on with: that is up to
 * when people decide.
 */
export function place(): string {
  const { step, knownPath: path } = currentScope.getStore()!;
  if (step === undefined)
    throw new Error("An effect happened in no step: no crash would count it.");
  return ` in ${path.replace(/@\d+|(?<=turn \d+)#\d+/g, "")}`;
}

/** Effects without where they happened, sorted. */
export function namesOf(keys: Iterable<string>): readonly string[] {
  return [...keys].map((key) => key.slice(0, key.lastIndexOf(" in "))).sort();
}
