// Adds a model: looks at it, fetches it by the store's own means, converts it, tries it, and writes it into the user's manifest.
// Until the manifest is written nothing serves it; a run that is killed before is gone on with by the next one of the same model.

import { existsSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { environment } from '../../config.ts';
import { isSteadyTextError } from '../../errors.ts';
import type { NumberFormat } from '../choose-format.ts';
import { convertedPath, type EnsureOptions } from '../convert/ensure-converted.ts';
import type { ModelKind } from '../engine.ts';
import type { ModelFolder } from '../model-folder.ts';
import { blobExists, blobPath, removeBlob } from '../store/blobs.ts';
import { PATIENCE } from '../store/https-get.ts';
import { type ManifestEntry, readManifest } from '../store/manifest.ts';
import { type ModelStore, type ModelStoreOptions, openModelStore } from '../store/model-store.ts';
import { PIP } from '../store/pip.ts';
import { silentProgress } from '../store/progress.ts';
import { checkName, prepareManifest, registerEntry } from '../store/user-manifest.ts';
import { parseAddress } from './address.ts';
import { diskPlace } from './disk-place.ts';
import { hubPlace } from './hub-place.ts';
import { packagePlace } from './package-place.ts';
import type { ModelPlace } from './place.ts';
import { inPlace } from './place-errors.ts';
import { type AddPlan, planModel } from './plan.ts';

export interface AddOptions extends Omit<ModelStoreOptions, 'adding'> {
  readonly address: string;
  readonly name?: string | undefined;
  readonly kind?: ModelKind | undefined;
  readonly format: NumberFormat | 'auto';
  readonly replace: boolean;
  readonly dryRun: boolean;
  readonly signal?: AbortSignal;
  /** Called once everything is known that can be known before the weights are fetched. */
  readonly onPlan: (plan: AddPlan) => void;
  readonly convert: (
    store: ModelStore,
    name: string,
    format: NumberFormat,
    options: EnsureOptions,
  ) => Promise<ModelFolder>;
  /** Runs one request; throws where the model cannot answer. Its answer is given back. */
  readonly tryOut: (folder: ModelFolder, signal?: AbortSignal) => Promise<string>;
}

export interface AddedModel {
  readonly folder: ModelFolder;
  readonly tried: string;
}

/** Undefined after a dry run. */
export async function addModel(options: AddOptions): Promise<AddedModel | undefined> {
  const address = parseAddress(options.address);
  const { signal, progress = silentProgress } = options;
  const { log: _, ...silently } = options;
  const looking = openModelStore(silently);
  const tempFolder = await looking.makeTempFolder();
  try {
    const placing = { signal, progress, tempFolder, pip: { ...PIP, env: environment(), ...options.pip } };
    const place: ModelPlace =
      address.kind === 'disk'
        ? await diskPlace(address.path)
        : address.kind === 'hub'
          ? await hubPlace(address, { endpoint: options.hfEndpoint, patience: options.patience ?? PATIENCE, signal })
          : await packagePlace(address, placing);
    const plan = await planModel(place, { ...options, tempFolder }).catch((error) => {
      throw inPlace(error, place);
    });
    checkName(options.modelDir, plan.entry, options);
    options.onPlan(plan);
    return options.dryRun ? undefined : await fetchAndRegister(options, plan, place);
  } finally {
    await rm(tempFolder, { recursive: true, force: true });
  }
}

async function fetchAndRegister(options: AddOptions, plan: AddPlan, place: ModelPlace): Promise<AddedModel> {
  const { entry, format } = plan;
  const { signal, log, progress, modelDir, convert, tryOut } = options;
  // Where it could not be registered it need not be fetched.
  await prepareManifest(modelDir!);
  const store = openModelStore({ ...options, adding: { entry, source: place.source } });
  const undo = await whatIsNew(store, plan);
  try {
    await store.pull(entry.name, signal);
    const folder = await convert(store, entry.name, format, {
      ...(log && { log }),
      ...(progress && { progress }),
      ...(signal && { signal }),
    });
    const tried = await tryOut(folder, signal);
    signal?.throwIfAborted();
    const replaced = checkName(modelDir, entry, options);
    await registerEntry(modelDir!, entry, options);
    if (replaced) await removeUnused(store.root, replaced, readManifest(modelDir));
    return { folder, tried };
  } catch (error) {
    // What is refused for good has no use here. What was interrupted goes on from here next time.
    if (isSteadyTextError(error) && !GOES_ON.includes(error.name)) await undo();
    throw inPlace(error, place, copiesIn(store, plan));
  }
}

/** Where the store has the files of the model; the graph that is loaded is what was made of its weights. */
function copiesIn(store: ModelStore, { entry, format }: AddPlan) {
  const weights = entry.files.find(({ role }) => role === 'weights')!.path;
  const graph = join(convertedPath(store, entry.name, format), 'graph.onnx');
  return [...entry.files.map((file) => [blobPath(store.root, file), file.path] as const), [graph, weights] as const];
}

/** Nothing is wrong with the model. */
const GOES_ON = ['ModelUnavailable', 'DiskFull', 'InvalidConfiguration', 'InvalidOption'];

/** Removes what comes from now on: fetched files that were not there, and the converted folder. */
async function whatIsNew(store: ModelStore, { entry, format }: AddPlan): Promise<() => Promise<void>> {
  const there = await Promise.all(entry.files.map((file) => blobExists(store.root, file)));
  const folder = convertedPath(store, entry.name, format);
  const wasConverted = existsSync(folder);
  return async () => {
    for (const [i, file] of entry.files.entries()) if (!there[i]) await removeBlob(store.root, file);
    if (!wasConverted) await rm(folder, { recursive: true, force: true });
    // Where there are folders of other formats, or none was made, it is as it was.
    await rmdir(store.convertedRoot(entry.name)).catch(() => {});
  };
}

/** Fetched files of a model that another has taken the place of. */
async function removeUnused(root: string, old: ManifestEntry, entries: readonly ManifestEntry[]): Promise<void> {
  const used = new Set(entries.flatMap(({ files }) => files.map(({ sha256 }) => sha256)));
  for (const file of old.files) if (!used.has(file.sha256)) await removeBlob(root, file);
}
