// Typed, checked access to the metadata of a GGUF file.

import type { Metadata } from './gguf-header.ts';
import { corrupt } from './source-errors.ts';

export interface MetadataFields {
  has(key: string): boolean;
  /** A whole number from 1 to `most`; `otherwise` where the key is missing. */
  count(key: string, most: number, otherwise?: number): number;
  /** A finite number above 0. */
  positive(key: string, otherwise?: number): number;
  text(key: string): string;
  optionalText(key: string): string | undefined;
  flag(key: string, otherwise: boolean): boolean;
  texts(key: string): readonly string[];
  numbers(key: string, length: number): readonly number[];
  /** An index below `below`, or undefined where the key is missing. */
  optionalIndex(key: string, below: number): number | undefined;
}

export function metadataFields(path: string, metadata: Metadata): MetadataFields {
  const wrong = (key: string, expected: string) => {
    const value = metadata.get(key);
    const shown = value === undefined ? 'none' : JSON.stringify(value).slice(0, 60);
    return corrupt(path, `expected ${key} to be ${expected}, got ${shown}`);
  };
  const given = (key: string, otherwise: number | undefined) => metadata.get(key) ?? otherwise;
  const list = <T extends 'string' | 'number'>(key: string, type: T) => {
    const value = metadata.get(key);
    if (!Array.isArray(value) || !value.every((element) => typeof element === type))
      throw wrong(key, `a list of ${type}s`);
    return value;
  };
  return {
    has: (key) => metadata.has(key),
    count(key, most, otherwise) {
      const value = given(key, otherwise);
      if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > most)
        throw wrong(key, `a whole number from 1 to ${most}`);
      return value;
    },
    positive(key, otherwise) {
      const value = given(key, otherwise);
      if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) throw wrong(key, 'a number above 0');
      return value;
    },
    text(key) {
      const value = metadata.get(key);
      if (typeof value !== 'string') throw wrong(key, 'a text');
      return value;
    },
    optionalText(key) {
      return metadata.has(key) ? this.text(key) : undefined;
    },
    flag(key, otherwise) {
      const value = metadata.get(key) ?? otherwise;
      if (typeof value !== 'boolean') throw wrong(key, 'true or false');
      return value;
    },
    texts: (key) => list(key, 'string') as string[],
    numbers(key, length) {
      const values = list(key, 'number') as number[];
      if (values.length !== length) throw corrupt(path, `expected ${length} numbers in ${key}, got ${values.length}`);
      return values;
    },
    optionalIndex(key, below) {
      if (!metadata.has(key)) return undefined;
      const value = metadata.get(key);
      if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= below)
        throw wrong(key, `an index below ${below}`);
      return value;
    },
  };
}
