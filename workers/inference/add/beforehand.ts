// Opens a model of which only the settings and the beginning of the weights are here. A weight file's header says what the
// converter wants to know, so it is given a file with that beginning and the right size, and zeros for numbers.

import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSteadyTextError } from '../../errors.ts';
import { openSourceModel, type SourceModel } from '../convert/source-model.ts';
import type { SourceFiles } from '../store/model-store.ts';
import type { ChosenFiles } from './choose-files.ts';
import type { ModelPlace } from './place.ts';
import { readStart } from './read-all.ts';
import type { SmallFiles } from './small-files.ts';

/** Headers of GGUF files have 2 MB, with large vocabularies 10; those of safetensors of BERTs 50 kB. */
const HEADER_BYTES = [4e6, 64e6];

/** Throws what the converter would: ModelUnsupported, ModelCorrupt. `folder` is a temporary one. */
export async function openBeforehand(
  place: ModelPlace,
  { form, kind, paths }: ChosenFiles,
  small: SmallFiles,
  folder: string,
): Promise<SourceModel> {
  const files: Record<string, string> = {};
  for (const [role, path] of paths) if (role !== 'weights') files[role] = (await small.fetch(path)).at;
  const path = paths.get('weights')!;
  const { bytes } = place.files.find((file) => file.path === path)!;
  const at = join(folder, 'weights');
  for (const most of HEADER_BYTES) {
    await writeFile(at, await readStart(await place.open(path), Math.min(most, bytes)));
    await truncate(at, bytes);
    try {
      return openSourceModel(kind, { ...files, weights: at } as SourceFiles, form);
    } catch (error) {
      // Zeros where the header goes on are found to be wrong somewhere.
      const isWhole = most >= bytes || most === HEADER_BYTES.at(-1);
      if (isWhole || !isSteadyTextError(error)) throw small.inPlace(error, [[at, path]]);
    }
  }
  throw new TypeError('A file is read once at least');
}
