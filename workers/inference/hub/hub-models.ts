// Models of the hub that run through transformers.js, as a JSON file names them. Pure: it sees the content of the file.

import { z } from 'zod';
import { SteadyTextError } from '../../errors.ts';
import type { ModelKind } from '../engine.ts';
import type { Pooling } from '../model-folder.ts';
import { HUB_DTYPES, type HubDtype } from './hub-files.ts';

export interface HubModel {
  /** As requests name it. */
  readonly name: string;
  readonly kind: ModelKind;
  /** A repository of the hub, or a folder of this machine. */
  readonly source: { readonly repo: string; readonly revision: string } | { readonly folder: string };
  /** Which of the graphs that lie in its folder onnx runs. */
  readonly dtype: HubDtype;
  /** In place of what the files of an embedding model say. */
  readonly pooling?: Pooling;
  /** Below what the files say. */
  readonly maxTokens?: number;
}

const REPO = /^hf:([A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)$/;
const NAME = /^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*)*$/;

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: ({ input }) => `expected one of ${values.join(', ')}, got ${shown(input)}` });
const matching = (expected: string, fits: (text: string) => boolean) =>
  z.custom<string>((value) => typeof value === 'string' && fits(value), {
    error: ({ input }) => `expected ${expected}, got ${shown(input)}`,
  });

const modelSchema = z
  .strictObject(
    {
      name: matching(
        'up to 100 lower-case letters, digits and ".", "_", "-", "/", without ":", which names a remote provider',
        (name) => name.length <= 100 && NAME.test(name),
      ),
      kind: oneOf(['text', 'embedding', 'reranking']),
      source: matching('hf:owner/name or the absolute path of a folder', (source) =>
        source.startsWith('/') ? !source.includes('\0') : REPO.test(source) && !source.includes('..'),
      ),
      revision: matching('a commit of 40 digits and letters from a to f', (text) =>
        /^[0-9a-f]{40}$/.test(text),
      ).optional(),
      dtype: oneOf(HUB_DTYPES),
      pooling: oneOf(['mean', 'cls', 'last']).optional(),
      max_tokens: z
        .custom<number>((value) => Number.isInteger(value) && Number(value) >= 8 && Number(value) <= 1_000_000, {
          error: ({ input }) => `expected a whole number from 8 to 1000000, got ${shown(input)}`,
        })
        .optional(),
    },
    { error: notAnObject },
  )
  .superRefine(({ source, revision, kind, pooling }, { addIssue }) => {
    const problem = (field: string, message: string) => addIssue({ code: 'custom', path: [field], message });
    if (source.startsWith('hf:') && revision === undefined)
      problem('revision', 'expected the commit of the repository, got none: a branch moves, and its files with it');
    if (source.startsWith('/') && revision !== undefined) problem('revision', 'expected none beside a folder');
    if (kind !== 'embedding' && pooling !== undefined)
      problem('pooling', `expected none for a model of kind ${kind}: only embeddings are pooled`);
  });

const fileSchema = z.strictObject({ models: z.array(modelSchema, { error: notAList }) }, { error: notAnObject });

/** Throws InvalidConfiguration with all problems, one a line; `path` is what they call the file. */
export function parseHubModels(text: string, path: string): readonly HubModel[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(path, [`expected JSON, got something else: ${(error as Error).message}`]);
  }
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) throw invalid(path, parsed.error.issues.map(inOneLine));
  const { models } = parsed.data;
  const twice = models.map(({ name }) => name).filter((name, i, names) => names.indexOf(name) < i);
  if (twice.length > 0)
    throw invalid(
      path,
      [...new Set(twice)].map((name) => `models: expected one model of each name, got ${shown(name)} again`),
    );
  return models.map(({ name, kind, source, revision, dtype, pooling, max_tokens }) => ({
    ...{ name, kind, dtype },
    source: source.startsWith('/') ? { folder: source } : { repo: REPO.exec(source)![1]!, revision: revision! },
    ...(pooling && { pooling }),
    ...(max_tokens !== undefined && { maxTokens: max_tokens }),
  }));
}

function notAnObject({ code, keys, input }: { code?: string; keys?: readonly string[]; input?: unknown }): string {
  return code === 'unrecognized_keys'
    ? `expected no field ${keys!.map(shown).join(', ')}`
    : `expected an object, got ${shown(input)}`;
}

function notAList({ input }: { input?: unknown }): string {
  return `expected a list of models, got ${shown(input)}`;
}

function inOneLine({ path, message }: z.core.$ZodIssue): string {
  const place = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return place === '' ? message : `${place.slice(1)}: ${message}`;
}

function shown(value: unknown): string {
  return (value === undefined ? 'nothing' : JSON.stringify(value)).slice(0, 120);
}

function invalid(path: string, problems: readonly string[]): SteadyTextError {
  return new SteadyTextError('InvalidConfiguration', problems.map((problem) => `${path}: ${problem}`).join('\n'), {
    hint: 'docs/models.md, "Any other model of the hub", has an example and a row for each field.',
  });
}
