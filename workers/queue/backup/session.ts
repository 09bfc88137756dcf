// The session of a backup or a restore: that of the owner's role, which alone sees the rows of all users.

import { SteadyTextError } from '../../errors.ts';
import { isConnectionLost, sqlStateOf, toSteadyTextError } from '../error-map.ts';
import { actAsOwner } from '../migrate/acting.ts';
import { type Client, withClient } from '../migrate/connection.ts';
import { type Names, namesOf } from '../migrate/names.ts';
import { roleName } from '../migrate/roles.ts';

export interface StateOptions {
  readonly url: string;
  readonly schema?: string;
  readonly rolePrefix?: string;
  readonly file: string;
  /** application_name. */
  readonly name?: string;
}

type Mode = 'repeatable read, read only' | 'read committed';

/** Throws DatabaseReadOnly, DatabaseNotMigrated, MissingRights, or what `use` does. */
export async function asOwner<T>(options: StateOptions, use: (client: Client, names: Names) => Promise<T>): Promise<T> {
  const names = namesOf(options.schema, options.rolePrefix);
  return await withClient(options, (client) => use(client, names));
}

/** Ends in a commit, or as if nothing had been. */
export async function transaction<T>(client: Client, names: Names, mode: Mode, use: () => Promise<T>): Promise<T> {
  try {
    await client.query(`begin isolation level ${mode}`);
    // Numbers of embeddings to their last digit, whatever the database is set to.
    await client.query('set local search_path = pg_catalog, pg_temp; set local extra_float_digits = 1');
    await become(client, names);
    // Whatever the login is set to.
    if (mode === 'read committed') await client.query('set transaction read write');
    const result = await use();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw isConnectionLost(error) ? error : toSteadyTextError(error);
  }
}

async function become(client: Client, names: Names): Promise<void> {
  const { rows } = await client.query(
    `select pg_is_in_recovery() as standby, to_regprocedure($1) is not null as migrated, session_user::text as login`,
    [`${names.privschema}.backup_parts()`],
  );
  const { standby, migrated, login } = rows[0] as { standby: boolean; migrated: boolean; login: string };
  if (standby)
    throw new SteadyTextError('DatabaseReadOnly', 'The server should be a primary, but is a standby', {
      hint: 'Give the address of the primary: who did it is written down in its audit log.',
    });
  if (!migrated)
    throw new SteadyTextError('DatabaseNotMigrated', `The database should have ${names.privschema}, but has not`, {
      hint: 'Run "steadytext migrate" first; check --schema and --role-prefix.',
    });
  try {
    await actAsOwner(client, names);
  } catch (error) {
    if (sqlStateOf(error) !== '42501') throw error;
    const owner = roleName(names, 'steadytext_owner');
    throw new SteadyTextError('MissingRights', `${login} should be one that may act as ${owner}, but may not`, {
      hint: 'Use the login that migrated, or a superuser: a backup holds the rows of all users.',
    });
  }
}

/** The audit row of who did it, by the login and not by the role that it acts as. */
export async function noteDone(client: Client, names: Names, event: string, rows: object): Promise<void> {
  await client.query(`select ${names.privschema}.log_action(session_user::text, $1, 'steadytext', null, $2)`, [
    event,
    JSON.stringify({ rows }),
  ]);
}
