/** `node conformance/src/fuzz/main.ts [count] [first seed]` */
import { fuzz } from "./fuzz.ts";
import { printCase } from "./print.ts";

const [count = "10000", seed = String(Date.now() % 1_000_000_000)] = process.argv.slice(2);
console.log(`${count} programs from seed ${seed}`);
const began = performance.now();
const { failure, ...sum } = await fuzz(Number(seed), Number(count), (done) => {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} …`);
});
const seconds = (performance.now() - began) / 1000;
console.log(
  `\r${sum.cases} programs, ${sum.executions} executions, ${sum.entries} entries, ${sum.waits} questions, ${sum.suspended} times suspended, ${sum.stopped} times handed over or paused, ${sum.cancelled} cancelled, ${sum.reordered} reordered, ${seconds.toFixed(1)} s (${Math.round((sum.cases / seconds) * 60)} programs a minute)`,
);
if (failure !== undefined) {
  console.log(printCase(failure.shrunk, failure.result));
  process.exitCode = 1;
}
