// Writes the user's own manifest, `<modelDir>/manifest.json`: a new file is renamed over the old one, so whoever reads it at any
// moment sees the one or the other.

import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SteadyTextError } from '../../errors.ts';
import { diskReason } from './disk-errors.ts';
import { makeFolder } from './make-folder.ts';
import { type ManifestEntry, modelDigest, readManifest, readUserManifest, userManifestPath } from './manifest.ts';

const UNFINISHED = '.manifest.json-';
const LEFT_MS = 10_000;
const LOOK_EVERY_MS = 5;

export interface RegisterOptions {
  /** Whether it may take the place of a model of the same name that has other files. */
  readonly replace: boolean;
}

/** Throws InvalidOption for a name that another model has, the product's own among them. Returns that one, if it may be replaced. */
export function checkName(modelDir: string | undefined, entry: ManifestEntry, { replace }: RegisterOptions) {
  const other = readManifest(modelDir).find(({ name }) => name === entry.name);
  if (other === undefined || modelDigest(other) === modelDigest(entry)) return undefined;
  if (replace) return other;
  const digest = (its: ManifestEntry) => `${modelDigest(its).slice(0, 12)}…`;
  throw new SteadyTextError(
    'InvalidOption',
    `expected a new name, but ${entry.name} is a model of digest ${digest(other)}, and this one has ${digest(entry)}`,
    {
      hint: 'Give it another one with --name, or --replace that one: requests that name it then get this model, whose vectors and answers are others.',
    },
  );
}

/**
 * Adds the entry, or replaces the one of its name. The new file has one name for all commands, and whoever has made it is alone
 * until it is renamed: what another command adds meanwhile is not lost.
 */
export async function registerEntry(modelDir: string, entry: ManifestEntry, options: RegisterOptions): Promise<void> {
  const path = userManifestPath(modelDir);
  try {
    for (;;) {
      const next = await makeNext(modelDir);
      try {
        checkName(modelDir, entry, options);
        const models = [...readUserManifest(modelDir).filter(({ name }) => name !== entry.name), entry];
        await next.file.writeFile(`${JSON.stringify({ models }, null, 2)}\n`);
        await next.file.sync();
        // One that was held up for long may have been taken for one that a killed command left.
        if (await next.isThere()) return await rename(next.path, path);
      } catch (error) {
        if (await next.isThere()) await rm(next.path, { force: true }).catch(() => {});
        throw error;
      } finally {
        await next.file.close();
      }
    }
  } catch (error) {
    throw notWritable(path, error);
  }
}

/** Waits while another command has it, which takes milliseconds. */
async function makeNext(modelDir: string) {
  const path = join(modelDir, `${UNFINISHED}next`);
  for (;;) {
    const file = await open(path, 'wx').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    if (file) {
      const { ino } = await file.stat();
      const isThere = async () => (await stat(path).catch(() => undefined))?.ino === ino;
      return { path, file, isThere };
    }
    await removeLeft(path);
    await sleep(LOOK_EVERY_MS);
  }
}

/** Makes the folder, and finds out whether a manifest can be written there. */
export async function prepareManifest(modelDir: string): Promise<void> {
  const trial = join(modelDir, `${UNFINISHED}${randomBytes(6).toString('hex')}`);
  try {
    await makeFolder(modelDir);
    await sweepUnfinished(modelDir);
    await writeFile(trial, '', { flush: true });
  } catch (error) {
    throw notWritable(userManifestPath(modelDir), error);
  } finally {
    await rm(trial, { force: true }).catch(() => {});
  }
}

function notWritable(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  return new SteadyTextError('InvalidConfiguration', `Expected to write ${path}, but ${diskReason(error)}`, {
    hint: 'Set STEADYTEXT_MODEL_DIR to a folder of this user, or give this user the right to write there.',
    cause: error,
  });
}

async function sweepUnfinished(modelDir: string): Promise<void> {
  for (const name of await readdir(modelDir)) if (name.startsWith(UNFINISHED)) await removeLeft(join(modelDir, name));
}

/** What a killed command left; a younger one may be another command's, which is just at it. One of the future was before a clock was set. */
async function removeLeft(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found && Math.abs(Date.now() - found.mtimeMs) > LEFT_MS) await rm(path, { force: true });
}
