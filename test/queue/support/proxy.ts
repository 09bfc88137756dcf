// A TCP proxy before a server, to make the network fail: cut every connection, go silent (half-open), come back.

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Proxy {
  /** The same connection string, through the proxy. */
  url(direct: string): string;
  /** From now on nothing passes in either direction, and nobody is told. */
  silence(): void;
  /** Ends what is open; new connections pass again. */
  restore(): void;
  readonly connections: number;
  close(): Promise<void>;
}

export async function startProxy(direct: string): Promise<Proxy> {
  const target = new URL(direct);
  const open = new Set<Socket>();
  let silent = false;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 5432), target.hostname);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        open.delete(socket);
        if (silent) return;
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (data) => silent || upstream.write(data));
    upstream.on('data', (data) => silent || client.write(data));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    url(address) {
      const through = new URL(address);
      through.hostname = '127.0.0.1';
      through.port = String(port);
      return through.href;
    },
    silence() {
      silent = true;
    },
    restore() {
      cut();
      silent = false;
    },
    get connections() {
      return open.size / 2;
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
