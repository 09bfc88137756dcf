// What was converted from the files of the store: folders as model-folder.ts describes, under converted/<model>/.

import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { CONVERTER_VERSION } from '../convert/converter-version.ts';
import { STAMP_NAME } from '../convert/folder/open-model-folder.ts';
import { hashFile } from './blobs.ts';
import { cacheReadError, isForbidden, isMissing } from './disk-errors.ts';

const descriptionSchema = z.object({
  digest: z.string(),
  format: z.string(),
  converterVersion: z.number(),
  shape: z.looseObject({ graph: z.looseObject({ alone: z.string().optional() }).optional() }).optional(),
  files: z.record(z.string(), z.object({ sha256: z.string(), bytes: z.number() })),
});

interface Problem {
  /** A sentence. */
  readonly problem: string;
  /** False where it could not be read, as while there are too many open files: it may be whole. */
  readonly isDamaged: boolean;
  /** Of what this user may not read: no pull puts that right. */
  readonly forbidden?: Error;
}

export type ConvertedFolder = { readonly path: string } & (
  | { readonly description: z.output<typeof descriptionSchema> }
  /** Its model.json cannot be read, or is something else. */
  | ({ readonly description: undefined } & Problem)
);

export function convertedRoot(root: string, model: string): string {
  return join(root, 'converted', model);
}

/** The converted folders of a model. Folders without a model.json were never finished and are not counted. */
export async function listConverted(root: string, model: string): Promise<ConvertedFolder[]> {
  const names = await readdir(convertedRoot(root, model)).catch(async (error) => {
    if (isMissing(error)) return [];
    throw await cacheReadError(error, convertedRoot(root, model));
  });
  const folders = await Promise.all(names.sort().map((name) => readConverted(join(convertedRoot(root, model), name))));
  return folders.filter((folder) => folder !== undefined);
}

async function readConverted(path: string): Promise<ConvertedFolder | undefined> {
  let text: string;
  try {
    text = await readFile(join(path, 'model.json'), 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    return { path, description: undefined, ...unread(error as Error) };
  }
  try {
    return { path, description: descriptionSchema.parse(JSON.parse(text)) };
  } catch (error) {
    // JSON of another shape may be a later release's.
    const isDamaged = error instanceof SyntaxError;
    return { path, description: undefined, problem: 'expected a model description, got something else', isDamaged };
  }
}

function unread(error: Error): Problem {
  const problem = { problem: `cannot be read: ${error.message}`, isDamaged: false };
  return isForbidden(error) ? { ...problem, forbidden: error } : problem;
}

export interface ConvertedProblem extends Problem {
  readonly path: string;
}

/** Reads every file of a converted folder; one sentence for each that is wrong. Without its note the next engine's start reads it too. */
export async function checkConverted(folder: ConvertedFolder): Promise<ConvertedProblem[]> {
  const problems = await compare(folder);
  if (problems.length > 0) await rm(join(folder.path, STAMP_NAME), { force: true }).catch(() => {});
  return problems;
}

async function compare(folder: ConvertedFolder): Promise<ConvertedProblem[]> {
  const { path } = folder;
  if (folder.description === undefined) {
    const { description: _, ...problem } = folder;
    return [{ ...problem, path: join(path, 'model.json') }];
  }
  const problems: ConvertedProblem[] = [];
  for (const [name, expected] of Object.entries(folder.description.files)) {
    const file = join(path, name);
    const problem = await compareFile(file, expected).catch((error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? { problem: 'is missing', isDamaged: true } : unread(error),
    );
    if (problem !== undefined) problems.push({ path: file, ...problem });
  }
  return problems;
}

async function compareFile(
  file: string,
  expected: { readonly sha256: string; readonly bytes: number },
): Promise<Problem | undefined> {
  const { size } = await stat(file);
  if (size !== expected.bytes) return { problem: `expected ${expected.bytes} bytes, got ${size}`, isDamaged: true };
  const sha256 = await hashFile(file);
  if (sha256 === expected.sha256) return undefined;
  return { problem: `expected sha256 ${expected.sha256}, got ${sha256}`, isDamaged: true };
}

/**
 * Those that are damaged for sure, with what is wrong first; a later release's are not ours to judge. Every byte is read: a disk
 * may lose one without a change of the file's times.
 */
export async function damagedFolders(root: string, model: string) {
  const damaged: { readonly folder: ConvertedFolder; readonly reason: string }[] = [];
  for (const folder of await listConverted(root, model)) {
    if (folder.description && folder.description.converterVersion > CONVERTER_VERSION) continue;
    const first = (await checkConverted(folder)).find(({ isDamaged }) => isDamaged);
    if (first) damaged.push({ folder, reason: `${first.path}: ${first.problem}` });
  }
  return damaged;
}

/** What this release does not load: made from other files of the model, or by an older converter. A newer one's is another release's. */
export function isOutdated({ description }: ConvertedFolder, digest: string): boolean {
  if (description === undefined || description.converterVersion > CONVERTER_VERSION) return false;
  return description.digest !== digest || description.converterVersion < CONVERTER_VERSION;
}

/** Removes those that are outdated, each out of sight first. Returns their number. */
export async function removeOutdated(root: string, model: string, digest: string, tempFolder: string): Promise<number> {
  const outdated = (await listConverted(root, model)).filter((folder) => isOutdated(folder, digest));
  await moveAway(outdated, tempFolder);
  return outdated.length;
}

/** Into a temporary folder, whose maker removes it. */
export async function moveAway(folders: readonly ConvertedFolder[], tempFolder: string): Promise<void> {
  for (const { path } of folders) await rename(path, join(tempFolder, basename(path))).catch(ignoreMissing);
}

/** Removes all of them, each out of sight first, so that nobody opens one that is half gone. Returns their number. */
export async function removeConverted(root: string, model: string, tempFolder: string): Promise<number> {
  const count = (await listConverted(root, model)).length;
  const removed = await rename(convertedRoot(root, model), join(tempFolder, 'converted')).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  if (removed) await rm(join(tempFolder, 'converted'), { recursive: true, force: true });
  return removed ? count : 0;
}

/** Somebody else removed it at the same time. */
function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
