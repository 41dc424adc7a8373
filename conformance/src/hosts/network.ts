/**
 * Hosts on one machine, joined by a bridge: each is a network namespace, and each process on it is in a
 * process namespace of its own, so that hosts see nothing of each other but what passes the bridge. This
 * process is at the bridge. Linux, as root.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

export interface Host {
  readonly name: string;
  /** What runs a command there. */
  readonly command: readonly string[];
  /** Pulls the plug: no packet passes, and its own end of the cable is down. */
  cut(): Promise<void>;
  /** Packets vanish, in both directions, and neither end is told. */
  silence(): Promise<void>;
  /** Gives it another address: old connections lead nowhere, and nobody is told; new ones work. */
  readdress(): Promise<void>;
  /** Takes back either. */
  heal(): Promise<void>;
}

export interface Network extends AsyncDisposable {
  /** The address of this process at the bridge. */
  readonly address: string;
  readonly hosts: readonly Host[];
}

/** Of the addresses that are set apart for tests of networks: 198.18.0.0/15. */
const NETWORK = "198.18.78";

/** Rejects if this process may not make namespaces; then nothing is left of it. */
export async function openNetwork(names: readonly string[]): Promise<Network> {
  await using opened = new AsyncDisposableStack();
  const bridge = `hfn${process.pid}`;
  try {
    // An address of its own: else it is that of one of its ports, and changes with them.
    await ip("link", "add", bridge, "address", "02:00:00:00:78:01", "type", "bridge");
    opened.defer(() => ip("link", "delete", bridge));
    await ip("address", "add", `${NETWORK}.1/24`, "dev", bridge);
    await ip("link", "set", bridge, "up");
    const hosts: Host[] = [];
    for (const name of names) {
      const namespace = `holdfast-${process.pid}-${name}`;
      await ip("netns", "add", namespace);
      opened.defer(() => ip("netns", "delete", namespace));
      hosts.push(await openHost(name, namespace, bridge, hosts.length));
    }
    const all = opened.move();
    const address = `${NETWORK}.1`;
    return { address, hosts, [Symbol.asyncDispose]: () => all.disposeAsync() };
  } catch (cause) {
    throw new Error(
      "This test needs Linux, root and the program `ip` (of iproute2), to make network namespaces.",
      { cause },
    );
  }
}

async function openHost(
  name: string,
  namespace: string,
  bridge: string,
  nth: number,
): Promise<Host> {
  const cable = `hfc${process.pid}-${nth}`;
  await ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", namespace);
  await ip("link", "set", cable, "master", bridge, "up");
  await ip("-n", namespace, "address", "add", `${NETWORK}.${nth + 2}/24`, "dev", "eth0");
  await ip("-n", namespace, "link", "set", "eth0", "up");
  await ip("-n", namespace, "link", "set", "lo", "up");
  const ownProcesses = ["unshare", "--pid", "--kill-child", "--mount-proc"];
  return {
    name,
    command: ["ip", "netns", "exec", namespace, ...ownProcesses],
    cut: () => ip("link", "set", cable, "down"),
    async readdress() {
      await ip("-n", namespace, "address", "delete", `${NETWORK}.${nth + 2}/24`, "dev", "eth0");
      await ip("-n", namespace, "address", "add", `${NETWORK}.${nth + 102}/24`, "dev", "eth0");
    },
    silence: () => ip("link", "set", cable, "nomaster"),
    async heal() {
      await ip("link", "set", cable, "master", bridge);
      await ip("link", "set", cable, "up");
    },
  };
}

async function ip(...args: readonly string[]): Promise<void> {
  await promisify(execFile)("ip", [...args]);
}
