/** Serves runs that are over at once, under the name it is given, and ones that tell when they began. */
import { Runtime, step } from "@holdfast/core";
import { say } from "./say.ts";

const nothing = async (value: null): Promise<null> => value;

/** When its first step began, in milliseconds of the clock that processes of one machine share. */
const began = (_: null): Promise<number> =>
  step("first", async () => performance.timeOrigin + performance.now());

const runtime = new Runtime();
const name = process.env.HOLDFAST_BENCH_APP!;
await runtime.serve({ [name]: nothing, [`${name} began`]: began });
process.once("disconnect", () => runtime.close({ grace: 0 }));
say({ is: "ready" });
