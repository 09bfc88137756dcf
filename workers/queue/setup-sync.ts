// Sets up the side channel of synchronous functions, and tries it: dblink, a server and a user mapping for the owner's
// functions, and the login that comes back by them. Told in one error what is wrong, and which statement puts it right.
import { SteadyTextError } from '../errors.ts';
import { sqlStateOf } from './error-map.ts';
import { actAsOwner } from './migrate/acting.ts';
import { type Client, withClient } from './migrate/connection.ts';
import { type Names, namesOf } from './migrate/names.ts';
import { roleName } from './migrate/roles.ts';
import { beginTransaction } from './migrate/transaction.ts';
import { loginStatement, SYNC_FACTS, type SyncFacts, serverStatements } from './setup-sync-statements.ts';

export interface SetupSyncOptions {
  /** A superuser's, or of the database's owner where a superuser has done what only one may. */
  readonly url: string;
  readonly schema?: string;
  readonly rolePrefix?: string;
  /** Where the server reaches itself, or several servers of which one writes; told by its own settings when left out. */
  readonly host?: string;
  /** One for all hosts, or one for each. */
  readonly port?: string;
}

export interface SyncReport {
  readonly login: string;
  readonly host: string;
  readonly port: string;
  /** Whether sessions keep their connection; else each call opens one, which takes some 10 ms. */
  readonly keeps: boolean;
  /** Whether the server shows and logs the statements of the login, which hold prompts: only a superuser can turn that off. */
  readonly shown: boolean;
}

/** Throws DatabaseNotMigrated, MissingRights, StatementFailed, SyncNotSetUp or SyncUnavailable. */
export async function setupSync(options: SetupSyncOptions): Promise<SyncReport> {
  const names = namesOf(options.schema, options.rolePrefix);
  return await withClient(options, async (client) => {
    await assertPrimary(client);
    const report = await inTransaction(client, () => install(client, names, options));
    // In a transaction behind that one, whose password the server does not know before its end.
    const keeps = await inTransaction(client, () => tryChannel(client, names));
    return { ...report, keeps };
  });
}

/** What is set up on the primary every standby has. */
async function assertPrimary(client: Client): Promise<void> {
  const { rows } = await client.query('select pg_is_in_recovery() as standby');
  if (!(rows[0] as { standby: boolean }).standby) return;
  throw new SteadyTextError('DatabaseReadOnly', 'The server should be a primary, but is a standby', {
    hint: 'Give the address of the primary: what is set up there all standbys have.',
  });
}

async function inTransaction<T>(client: Client, use: () => Promise<T>): Promise<T> {
  try {
    await beginTransaction(client, 'read write');
    const result = await use();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function install(client: Client, names: Names, { host, port }: SetupSyncOptions) {
  const { rows } = await client.query(SYNC_FACTS, [
    names.privschema,
    roleName(names, 'steadytext_owner'),
    roleName(names, 'steadytext_sync'),
  ]);
  const facts = rows[0] as SyncFacts;
  assertPossible(facts, names);
  const place = { host: host ?? facts.host, port: port ?? facts.port };
  await run(client, [...serverStatements(facts, names), loginStatement(facts, names, place)]);
  return { login: roleName(names, 'steadytext_sync'), ...place, shown: !facts.superuser };
}

async function run(client: Client, statements: readonly string[]): Promise<void> {
  for (const statement of statements) {
    try {
      await client.query(statement);
    } catch (cause) {
      if (sqlStateOf(cause) === '') throw cause;
      throw new SteadyTextError(
        sqlStateOf(cause) === '42501' ? 'MissingRights' : 'StatementFailed',
        `The side channel should be set up, but the server answered: ${(cause as Error).message}`,
        { hint: 'Nothing was changed. Run it as a superuser, or as whoever your provider gives that role.' },
      );
    }
  }
}

async function tryChannel(client: Client, names: Names): Promise<boolean> {
  await actAsOwner(client, names);
  try {
    const { rows } = await client.query(`select ${names.privschema}.sync_try() as keeps`);
    return (rows[0] as { keeps: boolean }).keeps;
  } catch (cause) {
    const { message, hint } = cause as Error & { hint?: string };
    if (sqlStateOf(cause) === '') throw cause;
    throw new SteadyTextError(sqlStateOf(cause) === 'ST012' ? 'SyncNotSetUp' : 'SyncUnavailable', message, {
      hint: `${hint ?? 'The log of the server tells more.'} It was set up, but cannot work before.`,
    });
  }
}

function assertPossible(facts: SyncFacts, names: Names): void {
  const owner = roleName(names, 'steadytext_owner');
  if (!facts.migrated) {
    throw new SteadyTextError(
      'DatabaseNotMigrated',
      `The database should have synchronous functions in the schema ${names.privschema}, but has none`,
      { hint: 'Run "steadytext migrate" first; check --schema and --role-prefix.' },
    );
  }
  if (facts.dblinkSchema === null && !facts.superuser && !facts.mayInstall) {
    throw new SteadyTextError(
      'MissingRights',
      `${facts.login} should be a superuser, since dblink has to be installed, but is not`,
      {
        hint: `Run this command as a superuser, or have one run: create extension dblink; grant usage on foreign data wrapper dblink_fdw to ${owner};`,
      },
    );
  }
  if (facts.dblinkSchema !== null && !facts.superuser && !facts.ownerMayConnect) {
    throw new SteadyTextError('MissingRights', `The role ${owner} should be one that may use dblink_fdw, but is not`, {
      hint: `A superuser runs: grant usage on foreign data wrapper dblink_fdw to ${owner};`,
    });
  }
  if (!facts.mayAlterLogin || !facts.mayActAsOwner) {
    throw new SteadyTextError(
      'MissingRights',
      `${facts.login} should be one that may act as ${owner} and change the password of ${roleName(names, 'steadytext_sync')}, but may not`,
      { hint: 'Run it as the login that migrated, or as a superuser.' },
    );
  }
}
