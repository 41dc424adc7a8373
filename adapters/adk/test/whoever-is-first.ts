import type { PlainTurn } from "./scenarios/run-bare.ts";
import type { Scenario } from "./scenarios/scenario.ts";

/** Of branches that race, who goes on first after a crash is chance: order.test.ts is about that. */
export function whoeverIsFirst({ racing, chance }: Scenario, turn: PlainTurn): PlainTurn {
  if (racing === undefined) return turn;
  const settled = (text: string) => (chance === undefined ? text : text.replace(chance, "…"));
  return {
    events: turn.events.map(settled).sort(),
    state: JSON.parse(settled(JSON.stringify(turn.state))),
  };
}
