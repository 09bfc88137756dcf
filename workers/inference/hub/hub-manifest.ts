// What a model's files were when they were first seen. Written once; files that are others later are refused.

import { createHash } from 'node:crypto';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { SteadyTextError } from '../../errors.ts';
import { hashFile } from '../store/blobs.ts';
import { cacheFolderError, cacheReadError, isMissing } from '../store/disk-errors.ts';
import { makeFolder } from '../store/make-folder.ts';

const manifestSchema = z.strictObject({
  licence: z.string(),
  files: z.record(
    z.string(),
    z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.int().nonnegative() }),
  ),
});

export type HubManifest = z.output<typeof manifestSchema>;

/** Undefined where there is none. */
export async function readHubManifest(path: string): Promise<HubManifest | undefined> {
  const text = await readFile(path, 'utf8').catch(async (error) => {
    if (isMissing(error)) return undefined;
    throw await cacheReadError(error, path);
  });
  if (text === undefined) return undefined;
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new SteadyTextError('ModelCorrupt', `${path}: expected sizes and digests of a model, got something else`, {
      hint: 'Delete this file, and its folder if the model is in it: the model is then taken, or fetched, anew.',
      cause,
    });
  }
}

export async function writeHubManifest(path: string, manifest: HubManifest): Promise<void> {
  try {
    await makeFolder(dirname(path));
    const temporary = `${path}.${process.pid}`;
    await writeFile(temporary, `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
    await rename(temporary, path);
  } catch (error) {
    throw cacheFolderError(error, dirname(path));
  }
}

export async function manifestOf(folder: string, paths: readonly string[], licence: string): Promise<HubManifest> {
  const files: Record<string, { sha256: string; bytes: number }> = {};
  for (const path of paths) {
    const at = join(folder, path);
    try {
      files[path] = { sha256: await hashFile(at), bytes: (await stat(at)).size };
    } catch (error) {
      throw new SteadyTextError('ModelUnavailable', `expected to read ${at}: ${(error as Error).message}`, {
        hint: 'Let this user read the files of the model.',
        cause: error,
      });
    }
  }
  return { licence, files };
}

/** sha256 (hex) over names and digests of its files. */
export function hubDigest({ files }: HubManifest): string {
  const lines = Object.entries(files).map(([path, { sha256 }]) => `${path} ${sha256}\n`);
  return createHash('sha256').update(lines.sort().join('')).digest('hex');
}

/** `hint`: what to do about it. Throws ModelCorrupt with the first file that is another, was added, or is gone. */
export async function checkHubFiles(
  folder: string,
  found: readonly string[],
  { files }: HubManifest,
  stampFile: string,
  hint: string,
): Promise<void> {
  const [expected, got] = [Object.keys(files), [...found]].map((paths) => paths.sort().join(', '));
  if (got !== expected) throw changed(`${folder}: expected the files ${expected}, got ${got}`, hint);
  for (const [path, { bytes }] of Object.entries(files)) {
    const { size } = await stat(join(folder, path));
    if (size !== bytes) throw changed(`${join(folder, path)}: expected ${bytes} bytes, got ${size}`, hint);
  }
  // From before the reading: what changes meanwhile has other times, and is read again at the next start.
  const stamp = await stampOf(folder, Object.keys(files));
  if (stamp === (await readFile(stampFile, 'utf8').catch(() => ''))) return;
  for (const [path, { sha256 }] of Object.entries(files)) {
    const digest = await hashFile(join(folder, path));
    if (digest !== sha256) throw changed(`${join(folder, path)}: expected sha256 ${sha256}, got ${digest}`, hint);
  }
  // Only saves time: where it cannot be written, files are read at every start.
  await writeFile(stampFile, stamp).catch(() => {});
}

async function stampOf(folder: string, paths: readonly string[]): Promise<string> {
  const lines = paths.map(async (path) => {
    const { size, mtimeNs, ctimeNs } = await stat(join(folder, path), { bigint: true });
    return `${path} ${size} ${mtimeNs} ${ctimeNs}\n`;
  });
  return (await Promise.all(lines)).join('');
}

function changed(what: string, hint: string): SteadyTextError {
  return new SteadyTextError('ModelCorrupt', what, { hint });
}
