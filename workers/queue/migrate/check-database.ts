// Whether a database is one that a worker of this version can work on, asked before it claims anything.
import { SteadyTextError } from '../../errors.ts';
import type { Client } from './connection.ts';
import { namesOf } from './names.ts';
import { readSources } from './source-files.ts';
import { inReadOnlyTransaction } from './transaction.ts';

interface Answer {
  readonly standby: boolean;
  readonly readOnly: boolean;
  readonly login: string;
  readonly migrated: boolean;
  readonly owner: string | null;
  readonly allowed: boolean;
}

// By the catalog's tables: a name in a schema that the login may not use would be an error instead of an answer.
const QUERY = `
select pg_is_in_recovery() as standby, current_setting('default_transaction_read_only')::boolean as "readOnly",
       current_user::text as login, count(p.oid) > 0 as migrated, min(pg_get_userbyid(n.nspowner)::text) as owner,
       coalesce(bool_and(has_schema_privilege(n.oid, 'usage') and has_function_privilege(p.oid, 'execute')), false) as allowed
from pg_namespace n join pg_proc p on p.pronamespace = n.oid
where n.nspname = $1 and p.proname in ('schema_version', 'claim_requests')`;

/** Throws DatabaseReadOnly, DatabaseNotMigrated, MissingRights or DatabaseNewer. `expected` is the newest migration of this version. */
export async function checkDatabase(
  client: Client,
  schema: string,
  expected = readSources().migrations.length,
): Promise<void> {
  await inReadOnlyTransaction(client, () => checkInTransaction(client, schema, expected));
}

/** Throws DatabaseReadOnly on a standby. LISTEN needs no more than a primary. */
export async function checkPrimary(client: Client, what: 'LISTEN' | 'migrating'): Promise<void> {
  const { rows } = await client.query('select pg_catalog.pg_is_in_recovery() as standby');
  if ((rows[0] as Pick<Answer, 'standby'>).standby) throw standbyError(what);
}

function standbyError(what: string): SteadyTextError {
  return new SteadyTextError(
    'DatabaseReadOnly',
    `The server should be a primary, since ${what} needs one, but is a standby`,
    { hint: 'Give the address of the primary.' },
  );
}

async function checkInTransaction(client: Client, schema: string, expected: number): Promise<void> {
  const { privschema } = namesOf(schema);
  const answer = (await client.query(QUERY, [privschema])).rows[0] as Answer;
  const { login, migrated, owner, allowed } = answer;
  if (answer.standby) throw standbyError('claiming');
  if (answer.readOnly) {
    throw new SteadyTextError(
      'DatabaseReadOnly',
      `The transactions of the login ${login} should take writes, since claiming is one, but are read-only`,
      {
        hint: `The owner of the database runs: alter role ${JSON.stringify(login)} set default_transaction_read_only = off;`,
      },
    );
  }
  if (!migrated) {
    throw new SteadyTextError(
      'DatabaseNotMigrated',
      `The database should have the schema ${privschema} of a migrated database, but has not`,
      {
        hint: 'Run "steadytext migrate" with the login that owns the database; check the schema name if you gave one.',
      },
    );
  }
  if (!allowed) {
    const role = owner?.replace(/owner$/, 'worker') ?? 'steadytext_worker';
    throw new SteadyTextError(
      'MissingRights',
      `The login ${login} should be a member of ${role}, but may not call the functions of ${privschema}`,
      {
        hint: `The owner of the database runs: grant ${role} to ${JSON.stringify(login)};`,
      },
    );
  }
  const { version } = (await client.query(`select ${privschema}.schema_version() as version`)).rows[0] as {
    version: number;
  };
  if (version < expected) {
    throw new SteadyTextError(
      'DatabaseNotMigrated',
      `The database should be at migration ${expected}, but is at ${version}`,
      {
        hint: 'Run "steadytext migrate" of this version with the login that owns the database.',
      },
    );
  }
  if (version > expected) {
    throw new SteadyTextError(
      'DatabaseNewer',
      `The database should be at migration ${expected}, as this worker, but is at ${version}`,
      {
        hint: 'Use the newer version of the program that migrated it.',
      },
    );
  }
}
