// The models of the hub that a worker is to run, as folders for its engine: fetched where they are not there, and compared with
// what they were when they were first seen.

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { SteadyTextError } from '../../errors.ts';
import { diskPlace } from '../add/disk-place.ts';
import type { ModelFolder } from '../model-folder.ts';
import { PATIENCE, type Patience } from '../store/https-get.ts';
import { type Progress, silentProgress } from '../store/progress.ts';
import { fetchHubModel, MANIFEST_NAME } from './fetch-hub-model.ts';
import { chooseHubFiles } from './hub-files.ts';
import {
  checkHubFiles,
  type HubManifest,
  hubDigest,
  manifestOf,
  readHubManifest,
  writeHubManifest,
} from './hub-manifest.ts';
import type { HubModel } from './hub-models.ts';
import { readHubShape } from './hub-shape.ts';
import { checkTransformers } from './transformers-library.ts';

export interface OpenHubOptions {
  readonly cacheDir: string;
  /** The hub, or a mirror that answers like it. */
  readonly hfEndpoint: string;
  readonly patience?: Patience;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

interface Found {
  readonly folder: string;
  readonly manifestFile: string;
  readonly manifest: HubManifest;
  /** Files that are there now. */
  readonly paths: readonly string[];
  /** What to do when they are others than they were. */
  readonly hint: string;
}

/**
 * One after the other, in their order. Throws InvalidConfiguration where transformers.js is not installed, else ModelUnavailable,
 * ModelUnsupported, ModelCorrupt or DiskFull for the first model that cannot be had.
 */
export async function openHubModels(models: readonly HubModel[], options: OpenHubOptions): Promise<ModelFolder[]> {
  if (models.length > 0) checkTransformers();
  const folders: ModelFolder[] = [];
  for (const model of models) folders.push(await openHubModel(model, options));
  return folders;
}

async function openHubModel(model: HubModel, options: OpenHubOptions): Promise<ModelFolder> {
  const root = join(options.cacheDir, 'hub');
  const { folder, manifestFile, manifest, paths, hint } =
    'folder' in model.source
      ? await ofFolder(model, model.source.folder, root)
      : await ofRepo(model, model.source, root, options);
  await checkHubFiles(folder, paths, manifest, `${manifestFile}.checked`, hint);
  return {
    path: folder,
    description: {
      name: model.name,
      digest: hubDigest(manifest),
      format: 'own',
      // Nothing was converted.
      converterVersion: 0,
      licence: manifest.licence,
      files: manifest.files,
      shape: readHubShape(model, folder, paths),
    },
  };
}

/** Its files stay where they are; the manifest is ours. */
async function ofFolder({ dtype }: HubModel, source: string, root: string): Promise<Found> {
  const { files, licence, label } = await diskPlace(source);
  const key = createHash('sha256').update(label).digest('hex').slice(0, 24);
  const manifestFile = join(root, 'folders', `${key}-${dtype}.json`);
  const names = files.map(({ path }) => path);
  const paths = chooseHubFiles(names, dtype, label);
  let manifest = await readHubManifest(manifestFile);
  if (manifest === undefined) {
    manifest = await manifestOf(label, paths, licence ?? '');
    await writeHubManifest(manifestFile, manifest);
  }
  const hint = `If the files were meant to change, delete ${manifestFile}, and they are taken as they are from then on.`;
  return { folder: label, manifestFile, manifest, paths, hint };
}

async function ofRepo(
  { name, dtype }: HubModel,
  { repo, revision }: { readonly repo: string; readonly revision: string },
  root: string,
  { hfEndpoint: endpoint, patience = PATIENCE, progress = silentProgress, signal }: OpenHubOptions,
): Promise<Found> {
  const folder = join(root, repo.replace('/', '--'), revision, dtype);
  const manifestFile = join(folder, MANIFEST_NAME);
  const hint = `Delete ${folder}: the files are fetched again when they are next needed.`;
  let manifest = await readHubManifest(manifestFile);
  if (manifest === undefined) {
    await fetchHubModel({ name, repo, revision, dtype }, folder, { root, endpoint, patience, progress, signal });
    manifest = await readHubManifest(manifestFile);
  }
  if (manifest === undefined)
    throw new SteadyTextError('ModelCorrupt', `${folder}: expected ${MANIFEST_NAME} in it, got none`, { hint });
  const { files } = await diskPlace(folder);
  const paths = files.map(({ path }) => path).filter((path) => !path.startsWith(MANIFEST_NAME));
  return { folder, manifestFile, manifest, paths, hint };
}
