// TCP ports of this machine's own loopback.
import { createServer } from 'node:net';

/** A port that was free a moment ago: whoever uses it must be ready to lose the race and ask again. */
export async function findFreePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ host: '127.0.0.1', port: 0 }, () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

/** Why this process may not listen on the port, as the system's code: EADDRINUSE, EACCES; undefined when it may. */
export async function portRefusal(port: number): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'unknown'));
    probe.listen({ host: '127.0.0.1', port }, () => probe.close(() => resolve(undefined)));
  });
}
