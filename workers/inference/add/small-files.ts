// The settings of a model, fetched into a temporary folder as they are asked for, once each.

import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { z } from 'zod';
import { isSteadyTextError, SteadyTextError } from '../../errors.ts';
import { readSettings } from '../convert/read/settings-file.ts';
import type { ModelPlace } from './place.ts';
import { readAll } from './read-all.ts';

const LONGEST_SETTINGS = 5e6;
const LONGEST_TOKENIZER = 200e6;

export class SmallFiles {
  readonly #place: ModelPlace;
  readonly #folder: string;
  readonly #fetched = new Map<string, { readonly at: string; readonly bytes: number; readonly sha256: string }>();

  constructor(place: ModelPlace, folder: string) {
    this.#place = place;
    this.#folder = folder;
  }

  has(path: string): boolean {
    return this.#place.files.some((file) => file.path === path);
  }

  /** Where a copy of it lies, its size and its digest. */
  async fetch(path: string) {
    const known = this.#fetched.get(path);
    if (known !== undefined) return known;
    const most = basename(path) === 'tokenizer.json' ? LONGEST_TOKENIZER : LONGEST_SETTINGS;
    const bytes = await this.#read(path, most);
    const at = join(this.#folder, `${this.#fetched.size}-${basename(path)}`);
    await writeFile(at, bytes);
    const file = { at, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    this.#fetched.set(path, file);
    return file;
  }

  async read<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return readSettings((await this.fetch(path)).at, schema);
  }

  /** The same error in the words of the place: of a copy's name the user knows nothing. */
  inPlace(error: unknown, more: readonly (readonly [at: string, path: string])[] = []): unknown {
    if (!isSteadyTextError(error)) return error;
    const copies = [...[...this.#fetched].map(([path, { at }]) => [at, path] as const), ...more];
    const message = copies.reduce((text, [at, path]) => text.replaceAll(at, path), error.message);
    if (message === error.message) return error;
    const hint = 'docs/models.md lists what is known. Another repository may offer the model in one of these forms.';
    return new SteadyTextError(error.name as never, `${this.#place.label}: ${message}`, { hint, cause: error });
  }

  async #read(path: string, most: number): Promise<Buffer> {
    try {
      return await readAll(await this.#place.open(path), most, path);
    } catch (error) {
      if (isSteadyTextError(error)) throw error;
      throw new SteadyTextError('ModelUnavailable', `${this.#place.label}: ${path}: ${(error as Error).message}`, {
        hint: 'Check that the file can be read there, and is what its name says.',
        cause: error,
      });
    }
  }
}
