// What migrate writes down in the private schema: the history it applied, and the present files with the objects they made.
import { SteadyTextError } from '../../errors.ts';
import type { BossPlan, BossState } from './boss.ts';
import type { Compat } from './compat.ts';
import type { Client } from './connection.ts';
import type { Names } from './names.ts';
import type { ObjectState } from './object-states.ts';
import { NOTHING_RECORDED, type Recorded } from './plan.ts';
import type { ShapeItem } from './shape.ts';

export interface RecordedFile {
  readonly path: string;
  readonly hash: string;
  /** Identities as the inventory gives them. */
  readonly objects: readonly string[];
}

export interface Ledger extends Recorded {
  readonly files: readonly RecordedFile[];
  /** Kept here as well, so that a run with nothing to do needs none of pg-boss's tables. */
  readonly boss: BossState | null;
  /** How the objects were after the last apply; null before the first that wrote it down. */
  readonly objects: readonly ObjectState[] | null;
  /** What history had made by then; null likewise. */
  readonly shape: readonly ShapeItem[] | null;
  /** The newest release that has migrated, unless it was put back on purpose; null before the first that wrote it down. */
  readonly release: string | null;
  /** The compatibility layer that is in force. */
  readonly compat: Compat | null;
}

const EMPTY: Ledger = Object.freeze({
  ...NOTHING_RECORDED,
  files: [],
  boss: null,
  objects: null,
  shape: null,
  release: null,
  compat: null,
});

const TABLES = (schema: string) => `
create table if not exists ${schema}.installation (
  only_row boolean primary key default true check (only_row),
  api_schema text not null,
  role_prefix text not null,
  boss_version int,
  boss_queues jsonb not null default '[]'
);
create table if not exists ${schema}.applied_migrations (
  number int primary key,
  path text not null,
  hash text not null,
  applied_at timestamptz not null default now()
);
create table if not exists ${schema}.applied_files (
  path text primary key,
  hash text not null,
  objects text[] not null,
  applied_at timestamptz not null default now()
);`;

/** Came one after the other. */
const LATER_COLUMNS = { object_states: 'jsonb', shape: 'jsonb', release: 'text', compat: 'text' };

export async function makeLedger(client: Client, names: Names): Promise<void> {
  await client.query(TABLES(names.privschema));
  const { rows } = await client.query(
    `select attname::text as name from pg_attribute where attrelid = '${names.privschema}.installation'::regclass`,
  );
  const there = new Set((rows as { name: string }[]).map(({ name }) => name));
  for (const [column, type] of Object.entries(LATER_COLUMNS))
    if (!there.has(column))
      await client.query(`alter table ${names.privschema}.installation add column ${column} ${type}`);
  await client.query(
    `insert into ${names.privschema}.installation (api_schema, role_prefix) values ($1, $2) on conflict do nothing`,
    [names.extschema, names.roleprefix],
  );
}

export async function readLedger(client: Client, names: Names): Promise<Ledger> {
  const schema = names.privschema;
  const present = await client.query(`select to_regclass('${schema}.applied_files') is not null as there`);
  if (!(present.rows[0] as { there: boolean }).there) return EMPTY;
  const { rows } = await client.query(
    `select api_schema as "apiSchema", boss_version as version, boss_queues as queues,
            to_regclass('${names.bossschema}.version') is not null as "bossThere",
            to_jsonb(i) -> 'object_states' as states, to_jsonb(i) -> 'shape' as shape, to_jsonb(i) ->> 'release' as release,
            to_jsonb(i) ->> 'compat' as compat
     from ${schema}.installation i`,
  );
  const installation = rows[0] as Installation | undefined;
  const found = installation?.apiSchema ?? names.extschema;
  if (found !== names.extschema) {
    throw new SteadyTextError(
      'InvalidConfiguration',
      `The schema ${schema} should belong to the installation in ${names.extschema}, but belongs to the one in ${found}`,
      { hint: `Use --schema ${found}: this database has that installation, and a second one needs another name.` },
    );
  }
  const migrations = await client.query(`select number, path, hash from ${schema}.applied_migrations order by number`);
  const files = await client.query(`select path, hash, objects from ${schema}.applied_files order by path`);
  return {
    migrations: migrations.rows as Ledger['migrations'],
    files: files.rows as RecordedFile[],
    boss: installation?.bossThere ? installation : null,
    objects: usableStates(installation?.states ?? null),
    shape: installation?.shape ?? null,
    release: installation?.release ?? null,
    compat: installation?.compat ?? null,
  };
}

interface Installation extends BossState {
  readonly apiSchema: string;
  readonly bossThere: boolean;
  readonly states: readonly ObjectState[] | null;
  readonly shape: readonly ShapeItem[] | null;
  readonly release: string | null;
  readonly compat: Compat | null;
}

/** Without expressions apart they are of an older version, whose digests are of other things: as if there were none. */
function usableStates(states: readonly ObjectState[] | null): readonly ObjectState[] | null {
  return states?.every((state) => state.expressions !== undefined) ? states : null;
}

export async function recordMigration(
  client: Client,
  names: Names,
  row: { number: number; path: string; hash: string },
) {
  await client.query(`insert into ${names.privschema}.applied_migrations (number, path, hash) values ($1, $2, $3)`, [
    row.number,
    row.path,
    row.hash,
  ]);
}

export async function recordFiles(client: Client, names: Names, files: readonly RecordedFile[]): Promise<void> {
  await client.query(
    `insert into ${names.privschema}.applied_files (path, hash, objects)
     select path, hash, array(select jsonb_array_elements_text(objects))
     from jsonb_to_recordset($1::jsonb) as f(path text, hash text, objects jsonb)
     on conflict (path) do update set hash = excluded.hash, objects = excluded.objects, applied_at = now()`,
    [JSON.stringify(files)],
  );
}

export async function forgetFiles(client: Client, names: Names, paths: readonly string[]): Promise<void> {
  if (paths.length > 0)
    await client.query(`delete from ${names.privschema}.applied_files where path = any($1)`, [paths]);
}

export async function recordBoss(client: Client, names: Names, { version, queues }: BossPlan): Promise<void> {
  await client.query(`update ${names.privschema}.installation set boss_version = $1, boss_queues = $2`, [
    version,
    JSON.stringify(queues),
  ]);
}

export async function recordRelease(client: Client, { privschema }: Names, release: string): Promise<void> {
  await client.query(`update ${privschema}.installation set release = $1`, [release]);
}

export async function recordCompat(client: Client, { privschema }: Names, compat: Compat | null): Promise<void> {
  await client.query(`update ${privschema}.installation set compat = $1`, [compat]);
}

/** How everything is after an apply. */
export async function recordObjects(
  client: Client,
  names: Names,
  { states, shape }: { readonly states: readonly ObjectState[]; readonly shape: readonly ShapeItem[] },
): Promise<void> {
  await client.query(`update ${names.privschema}.installation set object_states = $1, shape = $2`, [
    JSON.stringify(states),
    JSON.stringify(shape),
  ]);
}
