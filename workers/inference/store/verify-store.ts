// Reads again every byte that the store keeps, and says of each file that is wrong what to do.

import { blobPath, checkBlob } from './blobs.ts';
import { checkConverted, listConverted } from './converted-folders.ts';
import { cacheReadError } from './disk-errors.ts';
import type { ManifestEntry } from './manifest.ts';
import type { Progress } from './progress.ts';

export interface DamagedFile {
  readonly model: string;
  readonly path: string;
  /** What was expected and what is there. */
  readonly problem: string;
  /** The command that puts it right. */
  readonly remedy: string;
}

export interface VerifyReport {
  readonly checkedFiles: number;
  readonly damaged: readonly DamagedFile[];
}

export async function verifyStore(
  root: string,
  entries: readonly ManifestEntry[],
  progress: Progress,
): Promise<VerifyReport> {
  const damaged: DamagedFile[] = [];
  let checkedFiles = 0;
  for (const entry of entries) {
    const folders = await listConverted(root, entry.name);
    if (folders.length === 0 && !(await hasFiles(root, entry))) continue;
    const task = progress.start(`${entry.name}: reading`, null, 'files');
    let read = 0;
    // It reads what is there, as is done here, and replaces what is wrong of it alone.
    const remedy = `steadytext models pull ${entry.name}`;
    for (const file of entry.files) {
      const check = await checkBlob(root, file, true);
      if (check.state === 'absent') continue;
      task.update(++read);
      if (check.state === 'damaged') {
        const problem = `${file.path}: expected sha256 ${file.sha256}, got ${check.found}`;
        damaged.push({ model: entry.name, path: blobPath(root, file), problem, remedy });
      }
    }
    for (const folder of folders) {
      for (const { path, problem, forbidden } of await checkConverted(folder)) {
        if (forbidden) throw await cacheReadError(forbidden, path);
        damaged.push({ model: entry.name, path, problem, remedy });
      }
      read += Object.keys(folder.description?.files ?? {}).length;
      task.update(read);
    }
    task.end();
    checkedFiles += read;
  }
  return { checkedFiles, damaged };
}

/** By existence and size only. */
async function hasFiles(root: string, entry: ManifestEntry): Promise<boolean> {
  for (const file of entry.files) if ((await checkBlob(root, file, false)).state !== 'absent') return true;
  return false;
}
