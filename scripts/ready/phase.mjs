import { spawn } from "node:child_process";
import { root } from "./root.mjs";

/** Something the reader can act on: shown as it is, without a stack. */
export class Failure extends Error {}

/**
 * Runs one long piece of work and shows it as one line with the time it took: `build … 3.1 s`.
 * Work that is over within a second is not worth a line. What the command printed is shown, whole,
 * only when it failed.
 */
export async function phase(label, file, args) {
  const line = showAfter(1_000, label);
  const { code, output } = await capture(file, args);
  line.end(code === 0 ? "" : " failed");
  if (code !== 0) {
    throw new Failure(`\n${output.trim()}\n\n${label}: failed, see above.`);
  }
}

/** On a terminal the line counts the seconds; elsewhere it is written once, and ended once. */
function showAfter(delay, label) {
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1_000).toFixed(1);
  let shown = false;
  const tick = () => {
    if (process.stderr.isTTY) process.stderr.write(`\r${label} … ${seconds()} s`);
    else if (!shown) process.stderr.write(`${label} …`);
    shown = true;
  };
  const timer = setInterval(tick, delay);
  return {
    end(remark) {
      clearInterval(timer);
      if (!shown && remark === "") return;
      tick();
      process.stderr.write(process.stderr.isTTY ? `${remark}\n` : ` ${seconds()} s${remark}\n`);
    },
  };
}

function capture(file, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (output += text));
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: code ?? signal, output }));
  });
}
