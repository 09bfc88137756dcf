// The compatibility layer: files below sql/compat/ that take the place of ours of the same name, in databases that were written for
// another extension and whose owner asked for it.
import { basename } from 'node:path';
import { SteadyTextError } from '../../errors.ts';
import type { Client } from './connection.ts';
import type { RecordedFile } from './ledger.ts';
import type { Names } from './names.ts';
import { serverAnswer } from './server-answer.ts';
import { COMPAT_FOLDER, type PresentFile, type Sources } from './source-files.ts';
import { isLockFailure } from './table-locks.ts';

export const COMPAT_LAYERS = ['pg_steadytext'] as const;
export type Compat = (typeof COMPAT_LAYERS)[number];

/** Undefined leaves the layer that is in force, which the database remembers. */
export type CompatWish = Compat | 'none' | undefined;

export function wantedLayer(wish: CompatWish, remembered: Compat | null): Compat | null {
  if (wish === undefined) return remembered;
  return wish === 'none' ? null : wish;
}

const VECTOR_SCHEMA = '@vectorschema@';

/** The sources as a database with the layer sees them: what a file of the layer replaces is not among them. */
export async function withLayer(client: Client, sources: Sources, compat: Compat | null): Promise<Sources> {
  if (compat === null) return sources;
  const needsVector = sources.compat.some(({ text }) => text.includes(VECTOR_SCHEMA));
  const schema = needsVector ? await readVectorSchema(client, compat) : '';
  const layer = sources.compat.map((file) => ({ ...file, text: file.text.replaceAll(VECTOR_SCHEMA, schema) }));
  const replaced = new Set(layer.map(nameOf));
  const kept = sources.present.filter((file) => !replaced.has(nameOf(file)));
  return { ...sources, present: [...kept, ...layer] };
}

function nameOf({ folder, path }: PresentFile): string {
  return `${folder}/${basename(path)}`;
}

/** What recorded files made that are gone because one of the layer came in their place, or because the layer went. */
export function replacedObjects(
  files: readonly RecordedFile[],
  gone: readonly string[],
  { present, compat }: Sources,
): string[] {
  const layered = new Set(compat.map(nameOf));
  const ours = new Set(present.filter((file) => layered.has(nameOf(file))).map(({ path }) => path));
  return files
    .filter(({ path }) => gone.includes(path) && (path.startsWith(COMPAT_FOLDER) || ours.has(path)))
    .flatMap(({ objects }) => objects);
}

/** The schema of pgvector, whose type the layer's functions give, as it stands in SQL. */
async function readVectorSchema(client: Client, compat: Compat): Promise<string> {
  const { rows } = await client.query(
    `select quote_ident(n.nspname) as schema from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector'`,
  );
  const found = (rows as { schema: string }[])[0];
  if (found) return found.schema;
  throw new SteadyTextError(
    'InvalidConfiguration',
    `The database should have the extension vector, whose type the functions of --compat ${compat} give, but has not`,
    {
      hint: 'A superuser, or whom your provider lets do so, runs: create extension vector; then migrate again, or without the layer: --compat none',
    },
  );
}

/** Without CASCADE: what somebody has built on one of them stays, and stops the change by its name. */
export async function dropReplaced(client: Client, names: Names, replaced: readonly string[]): Promise<void> {
  if (replaced.length === 0) return;
  // Views before the functions that they ask; together, so that the order inside each does not matter.
  for (const kind of ['view', 'function', 'procedure', 'aggregate']) {
    const found = replaced.filter((identity) => identity.startsWith(`${kind} `));
    if (found.length > 0) await drop(client, names, kind, found);
  }
}

async function drop(client: Client, names: Names, kind: string, identities: readonly string[]): Promise<void> {
  const targets = identities.map((identity) => identity.slice(kind.length + 1));
  try {
    await client.query(`drop ${kind} ${targets.join(', ')}`);
  } catch (error) {
    if (isLockFailure(error) || (error as { code?: string }).code !== '2BP01') throw error;
    throw new SteadyTextError(
      'StatementFailed',
      `Functions should change between ours and those of the compatibility layer, but something in the database is built on them: ${serverAnswer(error)}`,
      {
        hint: `Nothing was changed. Drop what stands in the way, migrate, and make it again (in schema ${names.extschema}).`,
        cause: error,
      },
    );
  }
}
