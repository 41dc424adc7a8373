/**
 * Hosts on one machine: each a network namespace on a bridge, and each process on it in a process
 * namespace of its own. Nobody there sees the processes of another, and each can be cut off. The
 * database is reached through a forwarder of this process on the bridge. Linux, as root.
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { promisify } from "node:util";
import type { Place } from "./place.ts";

export interface Host extends Place {
  /** Takes its network away, */
  cut(): Promise<void>;
  /** and gives it back; resolves when the database can be reached again. */
  heal(): Promise<void>;
}

export interface Hosts extends AsyncDisposable {
  readonly hosts: readonly Host[];
}

const BRIDGE = `hfb${process.pid}`;
/** Of the addresses that are for tests of networks: 198.18.0.0/15. */
const NETWORK = "198.18.77";

/** Rejects if this process may not make namespaces. What it made so far is gone then. */
export async function openHosts(url: string, count: number): Promise<Hosts> {
  await using opened = new AsyncDisposableStack();
  await ip("link", "add", BRIDGE, "type", "bridge");
  opened.defer(() => ip("link", "delete", BRIDGE));
  await ip("address", "add", `${NETWORK}.1/24`, "dev", BRIDGE);
  await ip("link", "set", BRIDGE, "up");
  const forwarder = await forward(new URL(url));
  opened.defer(forwarder.close);
  const there = new URL(url);
  there.host = `${NETWORK}.1:${forwarder.port}`;

  const hosts: Host[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    const name = `hf${process.pid}-${nth}`;
    await ip("netns", "add", name);
    opened.defer(() => ip("netns", "delete", name));
    hosts.push(await host(name, nth, there.href));
  }
  const all = opened.move();
  return { hosts, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

async function host(name: string, nth: number, url: string): Promise<Host> {
  const cable = `hfv${process.pid}-${nth}`;
  await ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name);
  await ip("link", "set", cable, "master", BRIDGE, "up");
  await ip("-n", name, "address", "add", `${NETWORK}.${nth + 2}/24`, "dev", "eth0");
  await ip("-n", name, "link", "set", "eth0", "up");
  await ip("-n", name, "link", "set", "lo", "up");
  const own = ["unshare", "--pid", "--kill-child", "--mount-proc"];
  return {
    url,
    command: (command) => ["ip", "netns", "exec", name, ...own, ...command],
    cut: () => ip("link", "set", cable, "down"),
    async heal() {
      await ip("link", "set", cable, "up");
      await untilReached(name, new URL(url));
    },
  };
}

/** Neighbours that did not answer for a while are not asked again at once. */
async function untilReached(name: string, { hostname, port }: URL): Promise<void> {
  const tries = `until (</dev/tcp/${hostname}/${port}) 2>/dev/null; do sleep 0.05; done`;
  await ip("netns", "exec", name, "bash", "-c", tries);
}

interface Forwarder {
  readonly port: number;
  close(): void;
}

async function forward({ hostname, port }: URL): Promise<Forwarder> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (from) => {
    const to = connect({ host: hostname, port: Number(port || 5432), noDelay: true });
    from.pipe(to);
    to.pipe(from);
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, `${NETWORK}.1`);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function ip(...args: readonly string[]): Promise<void> {
  await promisify(execFile)("ip", [...args]);
}
