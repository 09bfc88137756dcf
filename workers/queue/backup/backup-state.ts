// Takes a backup: all tables that it holds as of one moment, into a file that has its name only once it is whole.

import { once } from 'node:events';
import { createWriteStream, readdirSync, rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Client } from '../migrate/connection.ts';
import type { Names } from '../migrate/names.ts';
import { endLine, headerLine, LineDigest, ofFile, type RowCounts } from './backup-file.ts';
import { asOwner, noteDone, type StateOptions, transaction } from './session.ts';

const AT_ONCE = 100;
const NEWLINE = Buffer.from('\n');

/** Gives the rows of each table. Throws as asOwner does, DiskFull, or InvalidConfiguration for a file that cannot be written. */
export async function backupState(options: StateOptions): Promise<RowCounts> {
  const part = `${options.file}.${process.pid}.part`;
  removeLeftParts(options.file);
  try {
    return await asOwner(options, async (client, names) => {
      const rows = await transaction(client, names, 'repeatable read, read only', () => write(client, names, part));
      // Before the file has its name: none is whole that is not written down.
      await transaction(client, names, 'read committed', () => noteDone(client, names, 'state_backed_up', rows));
      await rename(part, options.file);
      await flush(dirname(options.file));
      return rows;
    });
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw ofFile(options.file, error);
  }
}

async function write(client: Client, names: Names, path: string): Promise<RowCounts> {
  const rows: Record<string, number> = {};
  try {
    // Prompts are in it.
    const file = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
    await once(file, 'open');
    await pipeline(
      Readable.from(backupLines(client, names, rows), { objectMode: true }),
      createGzip({ level: 1 }),
      file,
    );
  } catch (error) {
    throw ofFile(path, error);
  }
  return rows;
}

async function* backupLines(client: Client, names: Names, rows: Record<string, number>): AsyncGenerator<Buffer> {
  const schema = names.privschema;
  const digest = new LineDigest();
  const withEnd = (line: Buffer) => {
    digest.add(line);
    return Buffer.concat([line, NEWLINE]);
  };
  const facts = await client.query(
    `select ${schema}.backup_header()::text as header, ${schema}.backup_parts() as parts`,
  );
  const { header, parts } = facts.rows[0] as { header: string; parts: string[] };
  yield withEnd(headerLine(header));
  for (const part of parts) {
    rows[part] = 0;
    await client.query(`select ${schema}.backup_cursor($1)`, [part]);
    for (;;) {
      const fetched = (await client.query(`fetch ${AT_ONCE} from steadytext_backup`)).rows as { line: string }[];
      for (const { line } of fetched) yield withEnd(Buffer.from(`${part} ${line}`));
      rows[part] += fetched.length;
      if (fetched.length < AT_ONCE) break;
    }
    await client.query('close steadytext_backup');
  }
  yield Buffer.concat([endLine(rows, digest), NEWLINE]);
}

/** What a killed backup of the same file has left. */
function removeLeftParts(file: string): void {
  try {
    for (const name of readdirSync(dirname(file))) {
      const pid =
        name.startsWith(`${basename(file)}.`) && /^\.(\d+)\.part$/.exec(name.slice(basename(file).length))?.[1];
      if (pid && !isAlive(Number(pid))) rmSync(join(dirname(file), name), { force: true });
    }
  } catch {
    // What is wrong with the folder, writing will tell.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** So that the new name is on the disk too. */
async function flush(folder: string): Promise<void> {
  const handle = await open(folder);
  await handle.sync().finally(() => handle.close());
}
