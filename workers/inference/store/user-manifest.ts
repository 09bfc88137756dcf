// Writes the user's own manifest, `<modelDir>/manifest.json`: a new file is renamed over the old one, so whoever reads it at any
// moment sees the one or the other.

import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SteadyTextError } from '../../errors.ts';
import { diskReason } from './disk-errors.ts';
import { makeFolder } from './make-folder.ts';
import { type ManifestEntry, modelDigest, readManifest, readUserManifest, userManifestPath } from './manifest.ts';

const UNFINISHED = '.manifest.json-';

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

/** Adds the entry, or replaces the one of its name. */
export async function registerEntry(modelDir: string, entry: ManifestEntry, options: RegisterOptions): Promise<void> {
  const path = userManifestPath(modelDir);
  const next = unfinished(modelDir);
  try {
    // What somebody else has written meanwhile is kept too; only of two renames within the same moment the second one counts.
    for (;;) {
      checkName(modelDir, entry, options);
      const before = await readIfThere(path);
      const models = [...readUserManifest(modelDir).filter(({ name }) => name !== entry.name), entry];
      await writeFlushed(next, `${JSON.stringify({ models }, null, 2)}\n`);
      if ((await readIfThere(path)) !== before) continue;
      return await rename(next, path);
    }
  } catch (error) {
    throw notWritable(path, error);
  } finally {
    await rm(next, { force: true }).catch(() => {});
  }
}

/** Makes the folder, and finds out whether a manifest can be written there. */
export async function prepareManifest(modelDir: string): Promise<void> {
  const trial = unfinished(modelDir);
  try {
    await makeFolder(modelDir);
    await sweepUnfinished(modelDir);
    await writeFlushed(trial, '');
  } catch (error) {
    throw notWritable(userManifestPath(modelDir), error);
  } finally {
    await rm(trial, { force: true }).catch(() => {});
  }
}

function unfinished(modelDir: string): string {
  return join(modelDir, `${UNFINISHED}${randomBytes(6).toString('hex')}`);
}

function notWritable(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  return new SteadyTextError('InvalidConfiguration', `Expected to write ${path}, but ${diskReason(error)}`, {
    hint: 'Set STEADYTEXT_MODEL_DIR to a folder of this user, or give this user the right to write there.',
    cause: error,
  });
}

/** What a killed command left; one that is younger may be another command's, which is just at it. */
async function sweepUnfinished(modelDir: string): Promise<void> {
  for (const name of await readdir(modelDir)) {
    if (!name.startsWith(UNFINISHED)) continue;
    const path = join(modelDir, name);
    const found = await stat(path).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > 60_000) await rm(path, { force: true });
  }
}

async function writeFlushed(path: string, text: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
