// Opens a converted model: nothing of it is given out before every byte has been compared with its description, once.

import { access, constants, lstat, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SteadyTextError } from '../../../errors.ts';
import { isReadyMade, type ModelDescription, type ModelFolder } from '../../model-folder.ts';
import { hashFile } from '../../store/blobs.ts';
import { cacheReadError, isForbidden } from '../../store/disk-errors.ts';
import { CONVERTER_VERSION } from '../converter-version.ts';
import { WEIGHTS_NAME } from '../onnx/graph-writer.ts';
import { damaged } from './damaged.ts';
import { DESCRIPTION_NAME, fileNames, readDescription } from './description.ts';
import { externalPlaces, readyMadePlaces } from './external-data.ts';

export interface OpenOptions {
  /**
   * once: files whose size and times are those of their last full check are not read again, so that the start of an engine
   * does not hash 150 MB. always: read every byte.
   */
  readonly digests?: 'once' | 'always';
}

/** Sizes and times of the files at their last full check. */
export const STAMP_NAME = '.checked';

/**
 * Throws ModelCorrupt with the file, what was expected, and what is there; InvalidConfiguration for what this user may not read.
 */
export async function openModelFolder(path: string, { digests = 'once' }: OpenOptions = {}): Promise<ModelFolder> {
  const folder = resolve(path);
  const description = await readDescription(folder);
  if (description.converterVersion !== CONVERTER_VERSION)
    throw new SteadyTextError(
      'ModelUnsupported',
      `${folder}: expected a model of converter version ${CONVERTER_VERSION}, got version ${description.converterVersion}`,
      { hint: 'Delete this folder; the model is converted again when it is next needed.' },
    );
  await checkSizes(folder, description);
  // The stamp from before the reading: what changes meanwhile has other times and is read again at the next start.
  const stamp = await stampOf(folder, description);
  if (digests === 'always' || stamp !== (await readFile(join(folder, STAMP_NAME), 'utf8').catch(() => ''))) {
    await checkDigests(folder, description);
    await checkWeightPlaces(folder, description);
    // Only saves time: a cache in a read-only image is read at every start.
    await writeFile(join(folder, STAMP_NAME), stamp).catch(() => {});
  }
  return { path: folder, description };
}

async function checkSizes(folder: string, description: ModelDescription): Promise<void> {
  const { files } = description;
  for (const name of fileNames(description)) {
    const found = await lstat(join(folder, name)).catch(() => undefined);
    if (found === undefined) throw damaged(folder, `expected a file ${name}, got none`);
    if (!found.isFile())
      throw damaged(folder, `expected ${name} to be a file of the folder, got a link or something else`);
    if (found.size !== files[name]!.bytes)
      throw damaged(folder, `expected ${name} of ${files[name]!.bytes} bytes, got ${found.size}`);
    // Where the last check is noted nothing below reads it, and the engine would be the first to find out.
    await access(join(folder, name), constants.R_OK).catch(async (error) => {
      throw isForbidden(error)
        ? await cacheReadError(error, join(folder, name))
        : damaged(folder, `expected a file ${name}, got none`);
    });
  }
}

async function checkDigests(folder: string, description: ModelDescription): Promise<void> {
  const { files } = description;
  for (const name of fileNames(description)) {
    const found = await hashFile(join(folder, name));
    if (found !== files[name]!.sha256)
      throw damaged(folder, `expected ${name} with sha256 ${files[name]!.sha256}, got ${found}`);
  }
}

/** The digests prove that the folder is what its description says, not that the description is ours. */
async function checkWeightPlaces(folder: string, { files, shape }: ModelDescription): Promise<void> {
  const read = isReadyMade(shape) ? readyMadePlaces : externalPlaces;
  let places: ReturnType<typeof externalPlaces>;
  try {
    places = read(await readFile(join(folder, 'graph.onnx')));
  } catch (error) {
    throw damaged(folder, `expected graph.onnx as the converter writes it, got ${(error as Error).message}`);
  }
  for (const { location, offset, length } of places) {
    if (location !== WEIGHTS_NAME)
      throw damaged(folder, `expected weights in ${WEIGHTS_NAME}, got ${JSON.stringify(location)}`);
    if (!(offset >= 0 && length >= 0 && offset + length <= files[WEIGHTS_NAME]!.bytes))
      throw damaged(folder, `expected weights within ${WEIGHTS_NAME}, got bytes ${offset} to ${offset + length}`);
  }
}

async function stampOf(folder: string, description: ModelDescription): Promise<string> {
  const lines = [DESCRIPTION_NAME, ...fileNames(description)].map(async (name) => {
    const { size, mtimeNs, ctimeNs } = await stat(join(folder, name), { bigint: true });
    return `${name} ${size} ${mtimeNs} ${ctimeNs}\n`;
  });
  return (await Promise.all(lines)).join('');
}
