// Folders and servers of a test, gone after it whatever happened.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from 'vitest';
import { type EmbeddedServer, type ServerOptions, startEmbeddedServer } from '../../workers/dev/embedded-server.ts';
import { openClient } from '../support/database.ts';

const folders: string[] = [];
const servers: EmbeddedServer[] = [];

export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'steadytext-dev-test-'));
  folders.push(folder);
  return folder;
}

let used: string | undefined;

/** A folder whose server was stopped, with 7 in the table `kept`: made once for a file of tests, in two seconds, and copied in a third of one. */
export async function usedFolder(): Promise<string> {
  if (used === undefined) {
    used = mkdtempSync(join(tmpdir(), 'steadytext-dev-test-'));
    const server = await startEmbeddedServer({ version: 18, dataDir: used });
    await ask(server.superuserUrl, 'create table kept as select 7 as a').finally(() => server.stop());
  }
  const dataDir = emptyFolder();
  execFileSync('cp', ['-a', `${used}/.`, dataDir]);
  return dataDir;
}

afterAll(() => {
  if (used !== undefined) rmSync(used, { recursive: true, force: true });
});

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
