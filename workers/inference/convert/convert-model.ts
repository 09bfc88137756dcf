// Converts a model's source files into a folder that an engine can load: written under another name, described last, and
// renamed when its last byte is on disk. It blocks its thread for seconds: workers call `convertInChild`.

import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { NumberFormat } from '../choose-format.ts';
import { HEAD_NAME } from '../encoder/score-head.ts';
import type { ModelDescription, ModelFolder } from '../model-folder.ts';
import { cacheFolderError, diskFull, isDiskFull } from '../store/disk-errors.ts';
import { type ManifestEntry, modelDigest, weightsForm } from '../store/manifest.ts';
import type { SourceFiles } from '../store/model-store.ts';
import { makeTempFolder } from '../store/temp-folders.ts';
import { convertedBytes } from './converted-bytes.ts';
import { CONVERTER_VERSION } from './converter-version.ts';
import { DESCRIPTION_NAME } from './folder/description.ts';
import { publishFolder } from './folder/publish-folder.ts';
import { bytesOf, WEIGHTS_NAME } from './onnx/graph-writer.ts';
import { WeightFile, type WriteBytes } from './onnx/weight-file.ts';
import { isSystemError, unreadable } from './read/source-errors.ts';
import { openSourceModel, type SourceModel } from './source-model.ts';

export interface ConvertOptions {
  readonly sourceFiles: SourceFiles;
  readonly manifestEntry: ManifestEntry;
  readonly format: NumberFormat;
  /** The folder to make; its parent may be missing. */
  readonly outDir: string;
  /** The store's root, on the same disk as outDir: work in progress lies in its temporary folders, which the store sweeps. */
  readonly root: string;
  /** Bytes of weights written so far, and about how many there will be. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly write?: WriteBytes;
}

type DescribedFiles = Record<string, { readonly sha256: string; readonly bytes: number }>;

export async function convertModel(options: ConvertOptions): Promise<ModelFolder> {
  const { manifestEntry, format, root } = options;
  const source = openSource(options);
  const total = convertedBytes(source, format);
  try {
    return await writeAndPublish(source, options, total);
  } catch (error) {
    if (!isDiskFull(error)) throw cacheFolderError(error, root);
    // What was written is removed by now: the room that is told as free is what the next try finds.
    throw await diskFull(`Model ${manifestEntry.name}, converted to ${format},`, total, root);
  } finally {
    source.file.close();
  }
}

async function writeAndPublish(source: SourceModel, options: ConvertOptions, total: number): Promise<ModelFolder> {
  const temporary = await makeTempFolder(options.root);
  try {
    const folder = join(temporary, 'model');
    await mkdir(folder);
    writeModel(folder, source, options, total);
    return await publishFolder(folder, options.outDir, temporary);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function openSource({ manifestEntry, sourceFiles }: ConvertOptions): SourceModel {
  try {
    return openSourceModel(manifestEntry.kind, sourceFiles, weightsForm(manifestEntry));
  } catch (error) {
    throw isSystemError(error) ? unreadable(manifestEntry.name, error) : error;
  }
}

function writeModel(folder: string, source: SourceModel, options: ConvertOptions, total: number): void {
  const { manifestEntry, format, write = writeSync, onProgress } = options;
  const files: DescribedFiles = { [WEIGHTS_NAME]: { sha256: '', bytes: 0 } };
  const weights = new WeightFile(join(folder, WEIGHTS_NAME), write);
  try {
    const graph = source.writeGraph(weights, format, () => onProgress?.(weights.size, total));
    files[WEIGHTS_NAME] = weights.finish();
    files['graph.onnx'] = writeFile(folder, 'graph.onnx', graph, write);
    if (source.head) files[HEAD_NAME] = writeFile(folder, HEAD_NAME, Buffer.from(bytesOf(source.head())), write);
  } finally {
    weights.close();
  }
  const json = (name: string, value: object) => writeFile(folder, name, Buffer.from(JSON.stringify(value)), write);
  files['tokenizer.json'] = json('tokenizer.json', source.tokenizer.tokenizer);
  files['tokenizer_config.json'] = json('tokenizer_config.json', source.tokenizer.config);
  const description: ModelDescription = {
    name: manifestEntry.name,
    digest: modelDigest(manifestEntry),
    format,
    converterVersion: CONVERTER_VERSION,
    licence: manifestEntry.licence,
    files,
    shape: source.shape,
  };
  writeFile(folder, DESCRIPTION_NAME, Buffer.from(JSON.stringify(description, null, 2)), write);
}

function writeFile(folder: string, name: string, bytes: Buffer, write: WriteBytes) {
  const descriptor = openSync(join(folder, name), 'wx');
  try {
    for (let done = 0; done < bytes.length; ) done += write(descriptor, bytes.subarray(done));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}
