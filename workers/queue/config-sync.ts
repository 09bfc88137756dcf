// Takes over what ALTER SYSTEM and postgresql.conf say of our settings, by a login that may read the server's files: a superuser's,
// or one to which a superuser has granted the view and its function. No session can tell such a value from one of its own.

import { SteadyTextError } from '../errors.ts';
import { sqlStateOf } from './error-map.ts';
import { type Client, withClient } from './migrate/connection.ts';
import { type Names, namesOf } from './migrate/names.ts';
import { roleName } from './migrate/roles.ts';
import type { MirroredSetting } from './mirror-settings.ts';

export interface ConfigSyncOptions {
  readonly url: string;
  readonly schema?: string;
  readonly rolePrefix?: string;
}

/** Of several lines the last one counts, whatever its letters' case, as for the server. */
const READ = `
select distinct on (lower(f.name)) regexp_replace(lower(f.name), '^steadytext[.]', '') as name, f.setting as value
from pg_catalog.pg_file_settings f
where lower(f.name) like 'steadytext.%' and f.setting is not null
order by lower(f.name), f.seqno desc`;

/** What became of each setting that the server's files or the database say something of. Throws MissingRights, DatabaseNotMigrated. */
export async function configSync(options: ConfigSyncOptions): Promise<MirroredSetting[]> {
  const names = namesOf(options.schema, options.rolePrefix);
  return await withClient(options, async (client) => {
    const said = (await asked(client, names, READ)) as { name: string; value: string }[];
    return (await asked(
      client,
      names,
      `select name, value, outcome, detail from ${names.privschema}.take_system_settings($1, $2)`,
      [said.map(({ name }) => name), said.map(({ value }) => value)],
    )) as MirroredSetting[];
  });
}

async function asked(client: Client, names: Names, text: string, values: readonly unknown[] = []): Promise<unknown[]> {
  try {
    return (await client.query(text, [...values])).rows;
  } catch (cause) {
    const { message } = cause as Error;
    const state = sqlStateOf(cause);
    if (state === '42501') {
      throw new SteadyTextError(
        'MissingRights',
        `The login should be one that may read the server's files and act as ${roleName(names, 'steadytext_owner')}, but the server answered: ${message}`,
        {
          hint: `Use a superuser's login; or a superuser runs, for a member of ${roleName(names, 'steadytext_owner')}: grant select on pg_catalog.pg_file_settings to …; grant execute on function pg_catalog.pg_show_all_file_settings() to …. It then reads all that these files hold.`,
        },
      );
    }
    if (state === '3F000' || state === '42883') {
      throw new SteadyTextError(
        'DatabaseNotMigrated',
        `The database should have settings in the schema ${names.privschema}, but has none`,
        { hint: 'Run "steadytext migrate" first; check --schema.' },
      );
    }
    throw cause;
  }
}
