// What has to be known of the server and the login before anything is done: plain data, read by one statement.
import { SteadyTextError } from '../../errors.ts';
import type { Client } from './connection.ts';
import type { Names } from './names.ts';

export interface Facts {
  /** server_version_num: 150018 is 15.18. */
  readonly serverVersion: number;
  readonly database: string;
  readonly quotedDatabase: string;
  readonly encoding: string;
  readonly login: string;
  readonly quotedLogin: string;
  readonly superuser: boolean;
  readonly mayCreateRoles: boolean;
  /** Directly or through membership. */
  readonly ownsDatabase: boolean;
  /** Those of our role names that exist on the server. */
  readonly roles: readonly string[];
  /** Pairs of them: the second is a member of the first, and has its rights by that. */
  readonly included: readonly (readonly [string, string])[];
  /** Those of them that the login may grant. */
  readonly grantable: readonly string[];
  readonly mayActAsOwner: boolean;
  /** May grant the owner role, also to itself. */
  readonly administersOwner: boolean;
  /** Logins and groups that may act as the owner role because it was granted to them. */
  readonly ownerMembers: readonly string[];
  /** False for a reserved word, which could not stand unquoted in SQL. */
  readonly plainNames: boolean;
  /** The owner of the private schema; null before the first run. */
  readonly installedOwner: string | null;
  /** Another installation to which one of this one's schemas belongs. */
  readonly takenBy: string | null;
  /** Other installations of this database, by the names of their private schemas without its ending. */
  readonly others: readonly string[];
}

export const OLDEST_SERVER = 15;

// The kind of membership with which a login may act as a role: since 16 being a member is not enough.
const ACTING = `case when pg_catalog.current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end`;

// The kind with which it has the role's rights without further ado: before 16 each membership of a role that inherits.
const INHERITING = `case when pg_catalog.current_setting('server_version_num')::int >= 160000 then 'usage' else 'member' end`;

/** SQL: that x is a role of this installation. */
const isOurs = (x: string) => `pg_catalog.starts_with(${x}.rolname, $1::text || 'steadytext_')`;

/** SQL: that a schema holds an installation. */
const HOLDS_ONE = `(select pg_catalog.count(*) from pg_catalog.pg_class c
               where c.relnamespace = n.oid and c.relname in ('installation', 'applied_migrations')) = 2`;

const READ = `
select pg_catalog.current_setting('server_version_num')::int as "serverVersion",
       d.datname as database, pg_catalog.quote_ident(d.datname) as "quotedDatabase",
       pg_catalog.pg_encoding_to_char(d.encoding) as encoding,
       r.rolname as login, pg_catalog.quote_ident(r.rolname) as "quotedLogin",
       r.rolsuper as superuser, r.rolcreaterole as "mayCreateRoles",
       pg_catalog.pg_has_role(r.oid, d.datdba, 'usage') as "ownsDatabase",
       coalesce((select pg_catalog.array_agg(x.rolname::text) from pg_catalog.pg_roles x where ${isOurs('x')}), '{}') as roles,
       coalesce((select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(i.rolname, o.rolname))
                 from pg_catalog.pg_auth_members m join pg_catalog.pg_roles i on i.oid = m.roleid join pg_catalog.pg_roles o on o.oid = m.member
                 where ${isOurs('i')} and ${isOurs('o')} and pg_catalog.pg_has_role(o.oid, i.oid, ${INHERITING})), '[]') as included,
       coalesce((select pg_catalog.array_agg(x.rolname::text) from pg_catalog.pg_roles x
                 where ${isOurs('x')} and (r.rolsuper or r.rolcreaterole and pg_catalog.current_setting('server_version_num')::int < 160000
                   or exists (select from pg_catalog.pg_auth_members m where m.roleid = x.oid and m.admin_option
                                and pg_catalog.pg_has_role(r.oid, m.member, ${INHERITING})))), '{}') as grantable,
       coalesce((select r.rolsuper or pg_catalog.pg_has_role(r.oid, o.oid, ${ACTING})
                 from pg_catalog.pg_roles o where o.rolname = $1 || 'steadytext_owner'), false) as "mayActAsOwner",
       coalesce((select pg_catalog.pg_has_role(r.oid, o.oid, 'member with admin option')
                 from pg_catalog.pg_roles o where o.rolname = $1 || 'steadytext_owner'), false) as "administersOwner",
       coalesce((select pg_catalog.array_agg(distinct x.rolname::text)
                 from pg_catalog.pg_roles o join pg_catalog.pg_auth_members m on m.roleid = o.oid join pg_catalog.pg_roles x on x.oid = m.member
                 where o.rolname = $1 || 'steadytext_owner'
                   and pg_catalog.pg_has_role(x.oid, o.oid, ${ACTING})), '{}') as "ownerMembers",
       pg_catalog.quote_ident($2) = $2 and pg_catalog.quote_ident($1 || 'x') = $1 || 'x' as "plainNames",
       (select pg_catalog.pg_get_userbyid(n.nspowner) from pg_catalog.pg_namespace n where n.nspname = $3) as "installedOwner",
       (select pg_catalog.min(pg_catalog.regexp_replace(n.nspname, '_private$', '')) from pg_catalog.pg_namespace n
        where ${HOLDS_ONE}
          and n.nspname in ($2, case when $2 ~ '_boss$' then pg_catalog.regexp_replace($2, '_boss$', '_private') end,
                            $3 || '_private', $4 || '_private')) as "takenBy",
       coalesce((select pg_catalog.array_agg(pg_catalog.regexp_replace(n.nspname, '_private$', '') order by n.nspname)
                 from pg_catalog.pg_namespace n where ${HOLDS_ONE} and n.nspname <> $3), '{}') as others
from pg_catalog.pg_database d, pg_catalog.pg_roles r
where d.datname = pg_catalog.current_database() and r.rolname = current_user`;

/** To be called in a transaction that beginTransaction began: operators and types are not qualified. */
export async function readFacts(client: Client, names: Names): Promise<Facts> {
  const { rows } = await client.query(READ, [names.roleprefix, names.extschema, names.privschema, names.bossschema]);
  return rows[0] as Facts;
}

/** All that matters for the roles alone, which belong to the server. */
export function assertServerSupported(facts: Facts): void {
  if (facts.serverVersion < OLDEST_SERVER * 10_000) {
    throw new SteadyTextError(
      'ServerTooOld',
      `The server should be PostgreSQL ${OLDEST_SERVER} or newer, but is ${Math.floor(facts.serverVersion / 10_000)}.${facts.serverVersion % 10_000}`,
      { hint: 'Upgrade the server, or use another one.' },
    );
  }
}

/** Refuses what no later step could make good. */
export function assertSupported(facts: Facts, names: Names): void {
  assertServerSupported(facts);
  if (facts.encoding !== 'UTF8') {
    throw new SteadyTextError(
      'EncodingUnsupported',
      `The database ${facts.database} should have the encoding UTF8, but has ${facts.encoding}`,
      {
        hint: `Prompts and results are any text there is. Make a database for it: create database … encoding 'UTF8' template template0;`,
      },
    );
  }
  if (!facts.plainNames) {
    throw new SteadyTextError(
      'InvalidConfiguration',
      `The schema name should not be a word of SQL, but is ${names.extschema}`,
      {
        hint: 'Choose another with --schema.',
      },
    );
  }
  if (facts.takenBy !== null) {
    throw new SteadyTextError(
      'InvalidConfiguration',
      `The schemas ${names.extschema}, ${names.privschema} and ${names.bossschema} should be one installation's own, but of these one belongs to the installation ${facts.takenBy}`,
      { hint: `Use --schema ${facts.takenBy} for that one, or another name for a second.` },
    );
  }
  const owner = `${names.roleprefix}steadytext_owner`;
  if (facts.installedOwner !== null && facts.installedOwner !== owner) {
    throw new SteadyTextError(
      'InvalidConfiguration',
      `The schema ${names.privschema} should belong to ${owner}, but belongs to ${facts.installedOwner}`,
      {
        hint: facts.installedOwner.endsWith('steadytext_owner')
          ? `Use --role-prefix ${JSON.stringify(facts.installedOwner.slice(0, -'steadytext_owner'.length))}, as when it was installed.`
          : 'Choose another name with --schema.',
      },
    );
  }
}
