/** A TCP proxy in front of Postgres that can misbehave as networks do. */

import type { AddressInfo } from "node:net";
import net from "node:net";

export interface CuttableProxy {
  /** The database's URL through the proxy. */
  readonly url: string;
  /** Drops every connection at once; what the server was about to answer is lost. */
  cut(): void;
  /** From now on answers are swallowed: requests arrive, nobody learns what became of them. */
  swallowAnswers(): void;
  /** Nothing passes, in either direction, and connections stay open. */
  freeze(): void;
  /** New connections are refused until `restore`. */
  refuse(): void;
  /** New connections work as usual; frozen or swallowed ones are dropped. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

export async function cuttableProxy(databaseUrl: string): Promise<CuttableProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<net.Socket>();
  let mode: "pass" | "swallow" | "freeze" = "pass";
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (data) => mode !== "freeze" && upstream.write(data));
    upstream.on("data", (data) => mode === "pass" && client.write(data));
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${port}`;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };

  return {
    url: url.href,
    cut,
    swallowAnswers: () => {
      mode = "swallow";
    },
    freeze: () => {
      mode = "freeze";
    },
    refuse: () => {
      server.close();
      cut();
    },
    restore: async () => {
      mode = "pass";
      cut();
      if (!server.listening) await listen(port);
    },
    close: () =>
      new Promise((resolve) => {
        cut();
        if (server.listening) server.close(() => resolve());
        else resolve();
      }),
  };
}
