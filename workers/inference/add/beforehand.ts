// Opens a model of which only the settings and the beginning of the weights are here. A weight file's header says what the
// converter wants to know, so it is given a file with that beginning and the right size, and zeros for numbers.

import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSteadyTextError } from '../../errors.ts';
import { neededFiles } from '../convert/needed-files.ts';
import { readReadyMadeSettings } from '../convert/onnx/ready-made-settings.ts';
import { openSourceModel, type SourceModel } from '../convert/source-model.ts';
import { pairsOf, readTokenizerFiles } from '../convert/tokenizer/tokenizer-files.ts';
import type { FileRole } from '../store/manifest.ts';
import type { SourceFiles } from '../store/model-store.ts';
import type { ChosenFiles } from './choose-files.ts';
import type { ModelPlace } from './place.ts';
import { readStart } from './read-all.ts';
import type { SmallFiles } from './small-files.ts';

/** Headers of GGUF files have 2 MB, with large vocabularies 10; those of safetensors of BERTs 50 kB. */
const HEADER_BYTES = [4e6, 64e6];

/**
 * Throws what the converter would: ModelUnsupported, ModelCorrupt. `folder` is a temporary one. Undefined for a graph that would
 * have to be fetched as a whole; of that only the settings are looked at.
 */
export async function openBeforehand(
  place: ModelPlace,
  { form, kind, paths }: ChosenFiles,
  small: SmallFiles,
  folder: string,
): Promise<SourceModel | undefined> {
  const files: Record<string, string> = {};
  for (const [role, path] of paths) if (!role.startsWith('weights')) files[role] = (await small.fetch(path)).at;
  if (form === 'onnx' && place.source === undefined) {
    const needed = neededFiles(place.label, files, 'a ready-made model');
    const { vocabulary } = readReadyMadeSettings(kind, { ...files, ...needed });
    readTokenizerFiles(needed.tokenizer, needed.tokenizer_config, vocabulary, pairsOf(kind));
    return undefined;
  }
  const copies: [at: string, path: string][] = [];
  /** The first of its bytes, and zeros for the rest. */
  const begin = async (role: FileRole, most: number) => {
    const path = paths.get(role)!;
    if (place.at !== undefined) return place.at(path);
    const { bytes } = place.files.find((file) => file.path === path)!;
    const at = join(folder, role);
    copies.push([at, path]);
    await writeFile(at, await readStart(await place.open(path), Math.min(most, bytes)));
    await truncate(at, bytes);
    return at;
  };
  if (paths.has('weights_data')) files.weights_data = await begin('weights_data', 0);
  const { bytes } = place.files.find((file) => file.path === paths.get('weights'))!;
  const lengths = form === 'onnx' || place.at !== undefined ? [bytes] : HEADER_BYTES;
  for (const most of lengths) {
    const weights = await begin('weights', most);
    try {
      return openSourceModel(kind, { ...files, weights } as SourceFiles, form);
    } catch (error) {
      // Zeros where the header goes on are found to be wrong somewhere.
      const isWhole = most >= bytes || most === lengths.at(-1);
      if (isWhole || !isSteadyTextError(error)) throw small.inPlace(error, copies);
    }
  }
  throw new TypeError('A file is read once at least');
}
