// The way to a loadable model: what has been converted is opened, what has not is fetched and converted, once.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isSteadyTextError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { NumberFormat } from '../choose-format.ts';
import type { ModelFolder } from '../model-folder.ts';
import { isReadyMadeEntry, modelDigest } from '../store/manifest.ts';
import type { ModelStore } from '../store/model-store.ts';
import { type Progress, silentProgress } from '../store/progress.ts';
import { sweepTempFolders } from '../store/temp-folders.ts';
import { convertInChild } from './convert-in-child.ts';
import { CONVERTER_VERSION } from './converter-version.ts';
import { openModelFolder } from './folder/open-model-folder.ts';

export interface EnsureOptions {
  readonly log?: Logger;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** `ensureConverted`, as it is handed to commands, which need not load it before they convert. */
export type Convert = (
  store: ModelStore,
  name: string,
  format: NumberFormat,
  options: EnsureOptions,
) => Promise<ModelFolder>;

/** Where a model's folder of a format belongs: another source or converter has another folder, so both can be in use. */
export function convertedPath(store: ModelStore, name: string, wanted: NumberFormat): string {
  const format = formatFor(store, name, wanted);
  const digest = modelDigest(store.find(name)).slice(0, 16);
  return join(store.convertedRoot(name), `${format}-${digest}-v${CONVERTER_VERSION}`);
}

/** A ready-made graph has its own numbers, whatever is wanted. */
function formatFor(store: ModelStore, name: string, wanted: NumberFormat): NumberFormat {
  return isReadyMadeEntry(store.find(name)) ? 'own' : wanted;
}

/** Opens the converted model; fetches and converts it first where needed, also when the converted folder is damaged. */
export async function ensureConverted(
  store: ModelStore,
  name: string,
  wanted: NumberFormat,
  { log, progress = silentProgress, signal }: EnsureOptions = {},
): Promise<ModelFolder> {
  const format = formatFor(store, name, wanted);
  const outDir = convertedPath(store, name, format);
  try {
    return await openModelFolder(outDir);
  } catch (error) {
    if (!isSteadyTextError(error, 'ModelCorrupt')) throw error;
    if (existsSync(outDir)) log?.warn({ model: name, format, reason: error.message }, 'model.converted_damaged');
  }
  const sourceFiles = await store.sourceFiles(name, signal);
  await sweepTempFolders(store.root);
  const started = performance.now();
  let task: ReturnType<Progress['start']> | undefined;
  const onProgress = (done: number, total: number) => {
    task ??= progress.start(`converting ${name} to ${format}`, total, 'bytes');
    task.update(Math.min(done, total));
  };
  try {
    const converting = { sourceFiles, manifestEntry: store.find(name), format, outDir, root: store.root };
    const folder = await convertInChild(converting, { onProgress, ...(signal && { signal }) });
    log?.info({ model: name, format, ms: Math.round(performance.now() - started) }, 'model.converted');
    return folder;
  } catch (error) {
    // A converter that was stopped or killed could not clean up behind itself.
    await sweepTempFolders(store.root);
    throw error;
  } finally {
    task?.end();
  }
}
