// `steadytext models remove`: deletes what can be had again, and with --force what cannot.

import { SteadyTextError } from '../errors.ts';
import { formatBytes } from '../inference/store/bytes.ts';
import type { ManifestEntry } from '../inference/store/manifest.ts';
import type { ModelStore } from '../inference/store/model-store.ts';
import { type CommandContext, print } from './context.ts';
import { namedModels } from './named-models.ts';

export interface RemoveFlags {
  readonly outdated?: boolean;
  readonly force?: boolean;
}

export async function removeModels(
  context: CommandContext,
  store: ModelStore,
  names: readonly string[],
  { outdated = false, force = false }: RemoveFlags,
): Promise<void> {
  const entries = namedModels(names, store.entries);
  if (outdated) return await removeOutdated(context, store, names.length > 0 ? entries : store.entries);
  if (names.length === 0)
    throw new SteadyTextError('InvalidOption', 'models remove should be given the names of models, but got none', {
      hint: '`steadytext models list` prints them; --outdated removes converted folders that this release does not load.',
    });
  if (!force) await refuseOnlyCopies(store, entries);
  for (const { name } of entries) {
    const removed = await store.remove(name);
    const shared = removed.sharedFiles > 0 ? `, ${removed.sharedFiles} kept for another model` : '';
    const files = `${removed.files} ${removed.files === 1 ? 'file' : 'files'}`;
    print(
      context,
      `${name}: ${files} and ${removed.convertedFolders} converted ${folders(removed.convertedFolders)} removed${shared}`,
    );
  }
}

async function removeOutdated(context: CommandContext, store: ModelStore, entries: readonly ManifestEntry[]) {
  let all = 0;
  for (const { name } of entries) {
    const removed = await store.removeOutdated(name);
    all += removed;
    if (removed > 0) print(context, `${name}: ${removed} outdated converted ${folders(removed)} removed`);
  }
  if (all === 0) print(context, 'no converted folder is outdated');
}

function folders(count: number): string {
  return count === 1 ? 'folder' : 'folders';
}

/** Of all models at once, before anything is deleted. */
async function refuseOnlyCopies(store: ModelStore, entries: readonly ManifestEntry[]): Promise<void> {
  const lines: string[] = [];
  for (const { name } of entries)
    for (const { path, bytes, at } of await store.onlyCopies(name))
      lines.push(`\n  ${name}: ${path}, ${formatBytes(bytes)}, is nowhere else than in ${at}`);
  if (lines.length === 0) return;
  throw new SteadyTextError(
    'InvalidOption',
    `Expected --force to delete what no source gives again, got none; nothing was removed${lines.join('')}`,
    {
      hint: 'To have it again, copy it to <STEADYTEXT_MODEL_DIR>/<model>/<file> first; to lose it, give --force. A damaged converted folder needs neither: `steadytext models pull` makes it anew.',
    },
  );
}
