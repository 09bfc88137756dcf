// Measures a model of the store in several number formats, and takes one. A format that is not there yet is converted into a
// temporary folder, from which only the one that is taken comes out: fp32 alone is four times as large as what a worker loads.

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { chooseFormatOf, type NumberFormat } from '../choose-format.ts';
import { type Convert, convertedPath, type EnsureOptions } from '../convert/ensure-converted.ts';
import { publishFolder } from '../convert/folder/publish-folder.ts';
import type { ModelFolder } from '../model-folder.ts';
import { type Choice, choiceOf, writeChoice } from '../store/choices.ts';
import { modelDigest } from '../store/manifest.ts';
import type { ModelStore } from '../store/model-store.ts';
import { type BenchOptions, type BenchResult, benchModel } from './bench-model.ts';
import { type Recommendation, recommend } from './recommend.ts';

export interface MeasuringOptions extends Omit<BenchOptions, 'folders'>, EnsureOptions {
  readonly formats: readonly NumberFormat[];
  readonly convert: Convert;
  /** Whether "auto" takes the recommended format from now on. */
  readonly record: boolean;
}

export interface Measured {
  readonly result: BenchResult;
  readonly recommendation: Recommendation;
  readonly choice: Choice;
  /** Of measuring, without conversions. */
  readonly seconds: number;
  /** The file, where it was recorded. */
  readonly recordedIn: string | undefined;
}

/** fp32, which the others are compared with, is always measured. Fetched files are there already. Stopped, it leaves what was there. */
export async function measureFormats(store: ModelStore, name: string, options: MeasuringOptions): Promise<Measured> {
  const { convert, record, signal, log, progress, formats: asked, ...bench } = options;
  const converting = { ...(log && { log }), ...(progress && { progress }), ...(signal && { signal }) };
  const entry = store.find(name);
  const temporary = await store.makeTempFolder();
  const aside: ModelStore = { ...store, convertedRoot: () => join(temporary, 'converted') };
  try {
    const folders = new Map<NumberFormat, ModelFolder>();
    const madeAside = new Set<NumberFormat>();
    for (const format of new Set([...asked, 'fp32' as const])) {
      if (!existsSync(convertedPath(store, name, format))) madeAside.add(format);
      folders.set(format, await convert(madeAside.has(format) ? aside : store, name, format, converting));
    }
    const started = performance.now();
    const measuring = { ...bench, folders: [...folders.values()], ...(signal && { signal }) };
    const result = await benchModel(measuring);
    signal?.throwIfAborted();
    const seconds = Math.round((performance.now() - started) / 1000);
    const recommendation = recommend(result.figures, chooseFormatOf(entry.kind, 'auto'));
    const { format, reason, forLittleMemory } = recommendation;
    const choice = choiceOf(modelDigest(entry), format, {
      ...{ model: name, reason, forLittleMemory, at: new Date().toISOString() },
      ...{ conditions: result.conditions, figures: result.figures },
    });
    if (!record) return { result, recommendation, choice, seconds, recordedIn: undefined };
    if (madeAside.has(format))
      await publishFolder(folders.get(format)!.path, convertedPath(store, name, format), temporary);
    return { result, recommendation, choice, seconds, recordedIn: await writeChoice(store.root, choice) };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
