// The SQL of setup-sync.ts: what is there, and the statements that make the rest.
import pg from 'pg';
import type { Names } from './migrate/names.ts';
import { roleName } from './migrate/roles.ts';

export interface SyncFacts {
  readonly login: string;
  readonly superuser: boolean;
  readonly migrated: boolean;
  /** Where the extension is; null where it is not installed. */
  readonly dblinkSchema: string | null;
  /** Whether this login may install it without being a superuser, as some providers have it. */
  readonly mayInstall: boolean;
  readonly ownerMayConnect: boolean;
  readonly mayAlterLogin: boolean;
  readonly mayActAsOwner: boolean;
  readonly host: string;
  readonly port: string;
}

const ACTING = `case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end`;

/**
 * $1 private schema, $2 owner role, $3 login. By what the server listens on: its loopback if it can be,
 * else the first address, else the folder of its socket.
 */
export const SYNC_FACTS = `
select r.rolname as login, r.rolsuper as superuser,
       exists (select from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = $1 and p.proname = 'sync_try') as migrated,
       (select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'dblink') as "dblinkSchema",
       exists (select from pg_available_extension_versions v where v.name = 'dblink' and v.trusted) as "mayInstall",
       coalesce((select has_foreign_data_wrapper_privilege(o.oid, w.oid, 'usage') from pg_roles o, pg_foreign_data_wrapper w
                 where o.rolname = $2 and w.fdwname = 'dblink_fdw'), false) as "ownerMayConnect",
       r.rolsuper or r.rolcreaterole and exists (select from pg_roles s where s.rolname = $3
         and (current_setting('server_version_num')::int < 160000 or pg_has_role(s.oid, 'member with admin option'))) as "mayAlterLogin",
       coalesce((select r.rolsuper or pg_has_role(o.oid, ${ACTING}) from pg_roles o where o.rolname = $2), false) as "mayActAsOwner",
       current_setting('port') as port,
       case when l.listen ~ '(^|,)\\s*([*]|0[.]0[.]0[.]0|localhost|127[.]0[.]0[.]1)\\s*(,|$)' then '127.0.0.1'
            when l.listen ~ '(^|,)\\s*(::|::1)\\s*(,|$)' then '::1'
            when btrim(l.listen) <> '' then btrim(split_part(l.listen, ',', 1))
            else btrim(split_part(coalesce((select s.setting from pg_settings s where s.name = 'unix_socket_directories'), '/tmp'), ',', 1)) end as host
from pg_roles r, current_setting('listen_addresses') as l (listen)
where r.rolname = current_user`;

/**
 * dblink in a schema that the owner's functions alone may use, where it is not there yet: its functions are everybody's, and a
 * connection that is kept would be too.
 */
export function serverStatements(facts: SyncFacts, names: Names): string[] {
  const owner = roleName(names, 'steadytext_owner');
  const schema = `${names.privschema}_dblink`;
  const grants = facts.superuser || facts.dblinkSchema === null;
  return [
    ...(facts.dblinkSchema === null
      ? [`create schema if not exists ${schema} authorization ${owner}`, `create extension dblink schema ${schema}`]
      : []),
    ...(facts.dblinkSchema === null || (facts.superuser && facts.dblinkSchema === schema)
      ? [
          `revoke all on all functions in schema ${schema} from public`,
          `grant execute on all functions in schema ${schema} to ${owner}`,
        ]
      : []),
    ...(grants ? [`grant usage on foreign data wrapper dblink_fdw to ${owner}`] : []),
  ];
}

const OWN_SETTINGS: readonly (readonly [string, string])[] = [
  ['statement_timeout', '0'],
  ['idle_in_transaction_session_timeout', '0'],
  ['default_transaction_isolation', 'read committed'],
  ['default_transaction_read_only', 'off'],
];
/** The login's statements hold prompts: neither pg_stat_activity nor the log shows them. For superusers to set. */
const HIDING_SETTINGS: readonly (readonly [string, string])[] = [
  ['track_activities', 'off'],
  ['log_statement', 'none'],
  ['log_min_duration_statement', '-1'],
  ['log_min_error_statement', 'panic'],
];

/**
 * One statement, which makes the password itself: no message, no log and no row of pg_stat_activity has it. What fails inside
 * is raised anew, without the statement that the server would tell as its context.
 */
export function loginStatement(facts: SyncFacts, names: Names, place: { host: string; port: string }): string {
  const owner = roleName(names, 'steadytext_owner');
  const login = roleName(names, 'steadytext_sync');
  const server = `${names.privschema}_sync`;
  const settings = facts.superuser ? [...OWN_SETTINGS, ...HIDING_SETTINGS] : OWN_SETTINGS;
  const set = settings.map(
    ([name, value]) =>
      `execute format('alter role ${login} in database %I set ${name} = %L', current_database(), ${pg.escapeLiteral(value)});`,
  );
  return `do $setup$
declare
  v_password text := encode(sha256(convert_to(gen_random_uuid()::text || gen_random_uuid() || gen_random_uuid(), 'UTF8')), 'hex');
begin
  perform set_config('password_encryption', 'scram-sha-256', true);
  execute format('alter role ${login} login password %L', v_password);
  if not has_database_privilege('${login}', current_database(), 'connect') then
    execute format('grant connect on database %I to ${login}', current_database());
  end if;
  ${set.join('\n  ')}
  set local role ${owner};
  drop server if exists ${server} cascade;
  execute format('create server ${server} foreign data wrapper dblink_fdw options (host %L, port %L, dbname %L, connect_timeout %L, application_name %L, target_session_attrs %L)',
    ${pg.escapeLiteral(place.host)}, ${pg.escapeLiteral(place.port)}, current_database(), '3', 'steadytext sync', 'read-write');
  perform ${names.privschema}.route_sync('', ${names.privschema}.setting('ha_primary_host'));
  execute format('create user mapping for ${owner} server ${server} options (user %L, password %L)', '${login}', v_password);
exception when others then
  raise exception using errcode = sqlstate, message = sqlerrm;
end
$setup$`;
}
