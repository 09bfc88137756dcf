// A server that takes encrypted connections, and a wiretap between it and who connects.

import { once } from 'node:events';
import { chmodSync, chownSync, copyFileSync, statSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import { ask, emptyFolder, start } from '../dev/world.ts';
import { ROOT } from '../house/source-tree.ts';

/** Self-signed, for the name localhost alone. */
export const CERTIFICATES: string = join(ROOT, 'test', 'support', 'tls');

/** An address of a server, by the name that its certificate has. */
export async function serverUrl(encrypted: boolean): Promise<URL> {
  const server = await start({ version: inject('serverVersion'), dataDir: emptyFolder() });
  if (encrypted) {
    const data = join(server.dataDir, 'data');
    const { uid, gid } = statSync(data);
    for (const name of ['server.crt', 'server.key']) {
      copyFileSync(join(CERTIFICATES, name), join(data, name));
      chmodSync(join(data, name), 0o600);
      chownSync(join(data, name), uid, gid);
    }
    await ask(server.superuserUrl, 'alter system set ssl = on');
    await server.restart();
  }
  return Object.assign(new URL(server.superuserUrl), { hostname: 'localhost' });
}

/** An encrypted address whose certificate is checked. */
export async function encryptedUrl(): Promise<URL> {
  const url = await serverUrl(true);
  url.search = `sslmode=verify-full&sslrootcert=${join(CERTIFICATES, 'server.crt')}`;
  return url;
}

export interface Wiretap {
  readonly port: number;
  /** The first packet of each connection so far, in hexadecimal. */
  firstWords(): readonly string[];
}

export async function openWiretap(serverPort: number): Promise<Wiretap> {
  const heard: string[] = [];
  const tap = createServer((near) => {
    const far = connect(serverPort, '127.0.0.1');
    near.once('data', (packet) => heard.push(packet.toString('hex')));
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) socket.on('error', () => socket.destroy());
  });
  onTestFinished(() => void tap.close());
  await once(tap.listen(0, 'localhost'), 'listening');
  return { port: (tap.address() as AddressInfo).port, firstWords: () => heard };
}
