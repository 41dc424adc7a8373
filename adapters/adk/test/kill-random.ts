// Moments to kill at, by chance that can be had again: by HOLDFAST_KILL_SEED.
import { Random } from "../../../conformance/src/fuzz/random.ts";

const seed = Number(process.env.HOLDFAST_KILL_SEED ?? Date.now() % 1_000_000_000);
console.log(`HOLDFAST_KILL_SEED=${seed}`);
export const random: Random = new Random(seed);
