// model.json: written last, read first, and trusted only as far as it can be checked.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { NUMBER_FORMATS } from '../../choose-format.ts';
import { HEAD_NAME } from '../../encoder/score-head.ts';
import type { ModelDescription } from '../../model-folder.ts';
import { cacheReadError, isForbidden } from '../../store/disk-errors.ts';
import { KNOWN_FAMILIES } from '../graphs/families/families.ts';
import { damaged } from './damaged.ts';

export const DESCRIPTION_NAME = 'model.json';
/** Files that every converted model has. */
export const FILE_NAMES = ['graph.data', 'graph.onnx', 'tokenizer.json', 'tokenizer_config.json'] as const;

const count = z.int().positive();
const tokenId = z.int().nonnegative();
const file = z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.int().nonnegative() });
const sizes = { layers: count, hidden: count, heads: count, vocabulary: count, maxTokens: count };
const readyMade = {
  vocabulary: count,
  maxTokens: count,
  graph: z.strictObject({ mask: z.boolean(), types: z.boolean(), output: z.string(), alone: z.string().optional() }),
};
const embedding = {
  normalize: z.boolean(),
  dimension: count,
  dimensions: z.array(count).optional(),
  prompts: z.strictObject({ text: z.string(), query: z.string(), document: z.string() }).optional(),
};
const shape = z.discriminatedUnion('architecture', [
  z.strictObject({
    architecture: z.enum(KNOWN_FAMILIES),
    ...sizes,
    kvHeads: count,
    headSize: count,
    endTokens: z.array(tokenId),
    reranks: z.strictObject({ yes: tokenId, no: tokenId }).optional(),
  }),
  z.strictObject({
    architecture: z.literal('bert'),
    ...sizes,
    pooling: z.enum(['mean', 'cls', 'last']),
    ...embedding,
  }),
  z.strictObject({ architecture: z.literal('bert-cross-encoder'), ...sizes }),
  z.strictObject({
    architecture: z.literal('onnx-encoder'),
    ...readyMade,
    hidden: count,
    pooling: z.enum(['mean', 'cls', 'last', 'graph']),
    ...embedding,
  }),
  z.strictObject({ architecture: z.literal('onnx-cross-encoder'), ...readyMade }),
]);

// An optional file that is there has its digest: JSON has no undefined.
const files = z.strictObject({
  ...Object.fromEntries(FILE_NAMES.map((name) => [name, file])),
  [HEAD_NAME]: file.optional(),
}) as unknown as z.ZodType<ModelDescription['files']>;

const commonSchema = z.strictObject({
  name: z.string().min(1),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  format: z.enum([...NUMBER_FORMATS, 'own']),
  converterVersion: count,
  licence: z.string(),
  files,
  shape,
});

// Exactly the files of a converted model: a name with a slash in it, or one more file, is no such folder.
const descriptionSchema: z.ZodType<ModelDescription> = commonSchema.superRefine((description, { addIssue }) => {
  const [expected, got] = [fileNames(description), Object.keys(description.files)].map((names) =>
    names.sort().join(', '),
  );
  if (got !== expected) addIssue({ code: 'custom', path: ['files'], message: `expected ${expected}, got ${got}` });
});

/** The files that a model of this shape has, beside its description. */
export function fileNames({ shape }: Pick<ModelDescription, 'shape'>): string[] {
  return shape.architecture === 'bert-cross-encoder' ? [...FILE_NAMES, HEAD_NAME] : [...FILE_NAMES];
}

export async function readDescription(path: string): Promise<ModelDescription> {
  const at = join(path, DESCRIPTION_NAME);
  const text = await readFile(at, 'utf8').catch(async (error: NodeJS.ErrnoException) => {
    // It may be whole, and to convert it again would not help.
    if (isForbidden(error)) throw await cacheReadError(error, at);
    throw damaged(path, `expected a converted model, but ${DESCRIPTION_NAME} cannot be read (${error.code})`);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(path, `expected JSON in ${DESCRIPTION_NAME}, got something else`);
  }
  const parsed = descriptionSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path: field, message } = parsed.error.issues[0]!;
  throw damaged(path, `${DESCRIPTION_NAME}: ${[field.join('.'), message].filter(Boolean).join(': ')}`);
}
