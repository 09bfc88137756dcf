// The list of models that can be had: every source file pinned by sha256 and size, with its licence and the places it
// comes from. manifest.json holds those of the product; a manifest.json in the user's model folder adds more.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SteadyTextError } from '../../errors.ts';
import { diskReason } from './disk-errors.ts';
import builtIn from './manifest.json' with { type: 'json' };
import { type ManifestEntry, type ManifestFile, manifestSchema, problemsOf } from './manifest-schema.ts';

export { FILE_ROLES, type FileRole, type ManifestEntry, type ManifestFile } from './manifest-schema.ts';

/** The product's models, then those of `<modelDir>/manifest.json`; there, an entry of the same name takes the product's place. */
export function readManifest(modelDir?: string): readonly ManifestEntry[] {
  const entries = new Map(parseManifest(builtIn, 'the built-in manifest').map((entry) => [entry.name, entry]));
  if (modelDir !== undefined) for (const entry of readUserManifest(modelDir)) entries.set(entry.name, entry);
  return [...entries.values()];
}

export function userManifestPath(modelDir: string): string {
  return join(modelDir, 'manifest.json');
}

export function parseManifest(value: unknown, where: string): readonly ManifestEntry[] {
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return parsed.data.models;
  const problems = problemsOf(parsed.error, value).map((problem) => `${where}: ${problem}`);
  throw new SteadyTextError('InvalidConfiguration', problems.join('\n'), {
    hint: 'docs/models.md shows a manifest with every field.',
  });
}

/** Those of `<modelDir>/manifest.json` alone. */
export function readUserManifest(modelDir: string): readonly ManifestEntry[] {
  const path = userManifestPath(modelDir);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    // A folder that holds files only, or is not there yet, is a folder without models of its own.
    if (['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) return [];
    throw new SteadyTextError('InvalidConfiguration', `Expected to read ${path}, but ${diskReason(error)}`, {
      hint: 'Let this user read the file, or set STEADYTEXT_MODEL_DIR to another folder.',
    });
  }
  try {
    return parseManifest(JSON.parse(text), path);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SteadyTextError('InvalidConfiguration', `${path}: expected JSON, but ${error.message}`, {
      hint: 'docs/models.md shows a manifest with every field.',
    });
  }
}

/**
 * The identity of a model: a digest over role and sha256 of all its files, in the order of their roles. Not of the weights
 * alone: the same weights with another tokenizer, configuration or pooling give other results. So does a decoder that ranks, whose
 * one file may be that of a text model.
 */
export function modelDigest(entry: ManifestEntry): string {
  const lines = entry.files.map(({ role, sha256 }) => `${role} ${sha256}\n`);
  if (entry.kind === 'reranking' && weightsForm(entry) === 'gguf') lines.push('kind reranking\n');
  return createHash('sha256').update(lines.sort().join('')).digest('hex');
}

export function modelBytes(entry: ManifestEntry): number {
  return entry.files.reduce((sum, file) => sum + file.bytes, 0);
}

/** Where a file lies within a source that keeps the model's files in a folder of its own. */
export function pathWithin(folder: string | undefined, file: ManifestFile): string {
  return folder === undefined ? file.path : `${folder}/${file.path}`;
}

/** What a model's weights are stored as: a decoder's, an encoder's, or a graph that is ready made. */
export const WEIGHT_FORMS = ['gguf', 'safetensors', 'onnx'] as const;
export type WeightForm = (typeof WEIGHT_FORMS)[number];

/** By the end of its name; undefined where that says nothing. */
export function weightForm(path: string): WeightForm | undefined {
  return WEIGHT_FORMS.find((form) => path.endsWith(`.${form}`));
}

export function weightsForm({ files }: ManifestEntry): WeightForm | undefined {
  return weightForm(files.find(({ role }) => role === 'weights')!.path);
}

/** Whether its weights are a graph that runs as it is. */
export function isReadyMadeEntry(entry: ManifestEntry): boolean {
  return weightsForm(entry) === 'onnx';
}
