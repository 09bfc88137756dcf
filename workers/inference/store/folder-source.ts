// Files brought by hand: looked for in the folder of STEADYTEXT_MODEL_DIR before any network is asked.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SteadyTextError } from '../../errors.ts';
import { isDiskFull } from './disk-errors.ts';
import type { ManifestEntry, ManifestFile } from './manifest.ts';
import type { FetchRequest, ModelSource } from './source.ts';

export function folderSource(modelDir: string): ModelSource {
  return {
    offers: () => true,
    label: () => `folder ${modelDir}`,
    fetch: (request) => fetchFromFolder(modelDir, request),
  };
}

async function fetchFromFolder(modelDir: string, { entry, wanted, put }: FetchRequest): Promise<void> {
  const problems: string[] = [];
  for (const file of wanted) {
    const problem = await putFirstGood(modelDir, entry, file, put);
    if (problem !== undefined) problems.push(problem);
  }
  if (problems.length > 0) throw new Error(problems.join('; '));
}

async function putFirstGood(
  modelDir: string,
  entry: ManifestEntry,
  file: ManifestFile,
  put: FetchRequest['put'],
): Promise<string | undefined> {
  const refusals: string[] = [];
  for (const path of candidates(modelDir, entry, file)) {
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) continue;
    try {
      await put(file, createReadStream(path));
      return undefined;
    } catch (error) {
      // What is wrong with the file sends us on to the next place; a cache that cannot be written ends the pull.
      if (isDiskFull(error) || error instanceof SteadyTextError) throw error;
      refusals.push(`in ${dirname(path)}: ${(error as Error).message}`);
    }
  }
  return refusals.length > 0 ? refusals.join('; ') : `${file.path} is not there`;
}

/** In a folder named after the model, or at the top; under its own name, or its digest's as in the cache. */
export function candidates(modelDir: string, entry: ManifestEntry, file: ManifestFile): string[] {
  return [join(modelDir, entry.name, file.path), join(modelDir, file.path), join(modelDir, `sha256-${file.sha256}`)];
}
