// A server that takes connections and never says a word.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export async function silentServer(): Promise<{ url: string; visited: Promise<unknown> }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const visited = once(server, 'connection');
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `postgres://somebody:secret@127.0.0.1:${(server.address() as AddressInfo).port}/nothing`, visited };
}
