// Nothing of ours is everybody's, whatever default privileges the owner role was given, in the database or in a schema.
import type { Client } from './connection.ts';
import type { Names } from './names.ts';

// Only what the owner role owns: in the schema public, users have objects too.
const statementsQuery = ({ extschema, privschema, bossschema }: Names) => `
select format('revoke all on %s %s from public', case c.relkind when 'S' then 'sequence' else 'table' end, c.oid::regclass) as statement
from pg_class c, aclexplode(c.relacl) a
where c.relnamespace::regnamespace::text in ('${extschema}', '${privschema}', '${bossschema}') and c.relowner = current_user::regrole
  and c.relkind in ('r', 'p', 'v', 'm', 'S') and a.grantee = 0
union
select format('revoke all on schema %I from public', n.nspname)
from pg_namespace n, aclexplode(n.nspacl) a
where n.nspname in ('${extschema}', '${privschema}', '${bossschema}') and n.nspowner = current_user::regrole and a.grantee = 0
union
select format('revoke all on routine %s from public', p.oid::regprocedure)
from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
where p.pronamespace::regnamespace::text in ('${extschema}', '${privschema}', '${bossschema}') and p.proowner = current_user::regrole
  and a.grantee = 0`;

/** Run as the owner role. Takes no lock that anybody waits for. */
export async function revokePublicRights(client: Client, names: Names): Promise<void> {
  const { rows } = await client.query(statementsQuery(names));
  for (const { statement } of rows as { statement: string }[]) await client.query(statement);
}
