// The file of a backup: lines behind one another, of which the last tells whether all of them are there and as they were written.

import { createHash } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { SteadyTextError } from '../../errors.ts';

export interface BackupHeader {
  readonly format: number;
  readonly migration: number;
  readonly release: string | null;
  readonly database: string;
  readonly taken_at: string;
}

export type RowCounts = Readonly<Record<string, number>>;

export interface BackupSummary {
  readonly header: BackupHeader;
  readonly rows: RowCounts;
}

const HEADER = 'steadytext-backup ';
const END = 'end ';
const NEWLINE = 0x0a;
const FILE_CODES = new Set([
  ...['EACCES', 'EPERM', 'ENOENT', 'EISDIR', 'ENOTDIR', 'EROFS', 'ENAMETOOLONG', 'EEXIST', 'EIO', 'EBUSY', 'ELOOP'],
]);
const GZIP = Buffer.from([0x1f, 0x8b]);

/** Digest of lines in their order: each time of the digest before and the line. SQL can compute it line by line too. */
export class LineDigest {
  #digest = Buffer.alloc(0);

  add(line: Buffer): void {
    this.#digest = createHash('sha256').update(this.#digest).update(line).digest();
  }

  hex(): string {
    return this.#digest.toString('hex');
  }
}

export function headerLine(header: string): Buffer {
  return Buffer.from(HEADER + header);
}

export function endLine(rows: RowCounts, digest: LineDigest): Buffer {
  return Buffer.from(END + JSON.stringify({ rows, digest: digest.hex() }));
}

/** The name of a row's table, and the row. */
export function splitLine(line: Buffer): [part: string, json: string] {
  const blank = line.indexOf(0x20);
  return [line.toString('latin1', 0, blank), line.toString('utf8', blank + 1)];
}

/** Lines of a file, compressed or not, without their ends; no more of it in memory than one line and a piece. */
export async function* fileLines(path: string): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  for await (const piece of await openFile(path)) {
    let from = 0;
    for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, from)) {
      yield rest.length === 0 ? piece.subarray(from, at) : Buffer.concat([...rest, piece.subarray(from, at)]);
      rest = [];
      from = at + 1;
    }
    if (from < piece.length) rest.push(piece.subarray(from));
  }
  if (rest.length > 0) yield Buffer.concat(rest);
}

async function openFile(path: string): Promise<AsyncIterable<Buffer>> {
  const file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  await file.close();
  const raw: ReadStream = createReadStream(path);
  if (bytesRead < 2 || !buffer.equals(GZIP)) return raw;
  const plain = createGunzip();
  raw.on('error', (error) => plain.destroy(error));
  return raw.pipe(plain);
}

/** Reads all of it, and throws BackupRefused unless it is whole and nothing in it was changed. */
export async function readSummary(path: string): Promise<BackupSummary> {
  const digest = new LineDigest();
  const lines = { header: '', last: Buffer.alloc(0), count: 0 };
  try {
    for await (const line of fileLines(path)) {
      if (lines.count === 0) {
        if (line.toString('latin1', 0, HEADER.length) !== HEADER) throw refused(path, 'is no backup of ours');
        lines.header = splitLine(line)[1];
      } else digest.add(lines.last);
      lines.last = Buffer.from(line);
      lines.count++;
    }
  } catch (error) {
    throw ofFile(path, error);
  }
  if (lines.count === 0) throw refused(path, 'is empty');
  const end = ending(lines.last);
  if (end === null) throw refused(path, 'is cut off: its end is missing');
  const rows = Object.values(end.rows).reduce((sum, count) => sum + count, 0);
  if (end.digest !== digest.hex() || rows !== lines.count - 2) throw refused(path, 'is damaged: its digest is another');
  return { header: JSON.parse(lines.header) as BackupHeader, rows: end.rows };
}

function ending(line: Buffer): { readonly rows: RowCounts; readonly digest: string } | null {
  const [word, json] = splitLine(line);
  try {
    return word === END.trim() ? JSON.parse(json) : null;
  } catch {
    return null;
  }
}

/** Errors of the file system and of gzip, in our words. */
export function ofFile(path: string, error: unknown): unknown {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (error instanceof SteadyTextError) return error;
  if (code === 'Z_BUF_ERROR') return refused(path, 'is cut off');
  if (code.startsWith('Z_')) return refused(path, `is damaged: ${message}`);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new SteadyTextError('DiskFull', `The disk should take the backup ${path}, but is full`, {
      hint: 'Nothing half-written stays. Make room, or write it elsewhere.',
      cause: error,
    });
  if (FILE_CODES.has(code))
    return new SteadyTextError('InvalidConfiguration', `The backup ${path} cannot be read or written: ${message}`, {
      hint: 'Name a file in a folder that is there, and that this user may read and write.',
      cause: error,
    });
  return error;
}

function refused(path: string, what: string): SteadyTextError {
  return new SteadyTextError('BackupRefused', `The file should be a whole backup, but ${path} ${what}`, {
    hint: 'Nothing was restored. Use another copy of it, or another backup.',
  });
}
