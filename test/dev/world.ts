// Folders and servers of a test, gone after it whatever happened.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { type EmbeddedServer, type ServerOptions, startEmbeddedServer } from '../../workers/dev/embedded-server.ts';
import { openClient } from '../support/database.ts';

const folders: string[] = [];
const servers: EmbeddedServer[] = [];

export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'steadytext-dev-test-'));
  folders.push(folder);
  return folder;
}

export async function start(options: ServerOptions): Promise<EmbeddedServer> {
  const server = await startEmbeddedServer(options);
  servers.push(server);
  return server;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop('immediate');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

// biome-ignore lint/suspicious/noExplicitAny: rows are as the statement says
export async function ask(url: string, text: string): Promise<any[]> {
  await using client = await openClient(url);
  return (await client.query(text)).rows;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export const isRoot: boolean = process.getuid?.() === 0;
