// Adds a model: looks at it, fetches it by the store's own means, converts it, tries it, and writes it into the user's manifest.
// Until the manifest is written nothing serves it; a run that is killed before is gone on with by the next one of the same model.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { environment } from '../../config.ts';
import { isSteadyTextError } from '../../errors.ts';
import type { NumberFormat } from '../choose-format.ts';
import { type Convert, convertedPath } from '../convert/ensure-converted.ts';
import type { ModelKind } from '../engine.ts';
import type { ModelFolder } from '../model-folder.ts';
import { blobPath, removeBlob } from '../store/blobs.ts';
import { PATIENCE } from '../store/https-get.ts';
import { type ManifestEntry, readManifest } from '../store/manifest.ts';
import { type ModelStore, type ModelStoreOptions, openModelStore } from '../store/model-store.ts';
import { PIP } from '../store/pip.ts';
import { silentProgress } from '../store/progress.ts';
import { checkName, prepareManifest, registerEntry } from '../store/user-manifest.ts';
import { parseAddress } from './address.ts';
import { lookBeforehand } from './before-adding.ts';
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
  readonly convert: Convert;
  /** Runs one request; throws where the model cannot answer. Its answer is given back. */
  readonly tryOut: (folder: ModelFolder, signal?: AbortSignal) => Promise<string>;
  /**
   * Asked once it answers, where nothing but the CPU's class has chosen its format: which one is taken instead, converted already.
   * Undefined leaves it. Without it nothing is measured.
   */
  readonly measure?: (store: ModelStore, plan: AddPlan) => Promise<NumberFormat | undefined>;
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
    const plan = await planModel(place, { ...options, root: looking.root, tempFolder }).catch((error) => {
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
  const { entry } = plan;
  const { signal, modelDir } = options;
  // Where it could not be registered it need not be fetched.
  await prepareManifest(modelDir!);
  const store = openModelStore({ ...options, adding: { entry, source: place.source } });
  const before = await lookBeforehand(store, plan);
  try {
    await store.pull(entry.name, signal);
    const added = await inBestFormat(options, plan, store);
    signal?.throwIfAborted();
    const replaced = checkName(modelDir, entry, options);
    await registerEntry(modelDir!, entry, options);
    await before.removeOtherFolders(added.folder.description.format);
    if (replaced) await removeUnused(store.root, replaced, readManifest(modelDir));
    return added;
  } catch (error) {
    // What is refused for good has no use here. What was interrupted goes on from here next time.
    if (isSteadyTextError(error) && !GOES_ON.includes(error.name)) await before.restore();
    throw inPlace(error, place, copiesIn(store, plan));
  }
}

/** Converted and tried; where it is measured then, in the format that was taken. */
async function inBestFormat(options: AddOptions, plan: AddPlan, store: ModelStore): Promise<AddedModel> {
  const { log, progress, signal, convert, tryOut, measure } = options;
  const converting = { ...(log && { log }), ...(progress && { progress }), ...(signal && { signal }) };
  const convertAndTry = async (format: NumberFormat) => {
    const folder = await convert(store, plan.entry.name, format, converting);
    return { folder, tried: await tryOut(folder, signal) };
  };
  const added = await convertAndTry(plan.format);
  signal?.throwIfAborted();
  const taken = plan.why === 'cpu' ? await measure?.(store, plan) : undefined;
  return taken === undefined || taken === plan.format ? added : await convertAndTry(taken);
}

/** Where the store has the files of the model; the graph that is loaded is what was made of its weights. */
function copiesIn(store: ModelStore, { entry, format }: AddPlan) {
  const weights = entry.files.find(({ role }) => role === 'weights')!.path;
  const graph = join(convertedPath(store, entry.name, format), 'graph.onnx');
  return [...entry.files.map((file) => [blobPath(store.root, file), file.path] as const), [graph, weights] as const];
}

/** Nothing is wrong with the model. */
const GOES_ON = ['ModelUnavailable', 'DiskFull', 'InvalidConfiguration', 'InvalidOption'];

/** Fetched files of a model that another has taken the place of. */
async function removeUnused(root: string, old: ManifestEntry, entries: readonly ManifestEntry[]): Promise<void> {
  const used = new Set(entries.flatMap(({ files }) => files.map(({ sha256 }) => sha256)));
  for (const file of old.files) if (!used.has(file.sha256)) await removeBlob(root, file);
}
