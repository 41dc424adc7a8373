/**
 * A way to a server that lets connections in only after a while, as some firewalls do; what has passed
 * it once passes it at once.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export interface SlowDoor extends Disposable {
  readonly port: number;
  /** How many have passed. */
  readonly passed: number;
}

export async function slowDoor(
  host: string,
  { to, delayMs }: { readonly to: number; readonly delayMs: number },
): Promise<SlowDoor> {
  const sockets = new Set<Socket>();
  let passed = 0;
  const server = createServer({ noDelay: true, pauseOnConnect: true }, async (from) => {
    from.on("error", () => {});
    await delay(delayMs);
    passed += 1;
    const inside = connect({ host, port: to, noDelay: true });
    inside.on("error", () => {});
    for (const [one, other] of [
      [from, inside],
      [inside, from],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    get passed() {
      return passed;
    },
    [Symbol.dispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
