// Schemas on the path in which others may make functions: one with the name of ours and the same or better fitting arguments
// is then called in its place, with everybody's prompts.
import type { Client } from './connection.ts';
import type { Names } from './names.ts';
import { ROLES, roleName } from './roles.ts';
import type { NotGranted } from './search-path.ts';

// Who may act as the owner role or as the database's owner could replace our functions anyhow.
const QUERY = `
select quote_ident(n.nspname) as schema, coalesce(quote_ident(g.rolname), 'public') as grantee, a.grantee = n.nspowner as owns,
       quote_ident(pg_get_userbyid(d.datdba)) as "databaseOwner"
from unnest($1::text[]) with ordinality s (name, place) join pg_namespace n on n.nspname = s.name
join pg_database d on d.datname = current_database()
cross join aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a left join pg_roles g on g.oid = a.grantee
where a.privilege_type = 'CREATE' and (a.grantee = 0 or exists (
  select from pg_roles m
  where pg_has_role(m.oid, a.grantee, 'usage') and not m.rolsuper and not pg_has_role(m.oid, d.datdba, 'member')
    and not exists (select from pg_roles o where o.rolname = $2 and pg_has_role(m.oid, o.oid, 'member'))
    and exists (select from pg_roles u where u.rolname = any($3::text[]) and pg_has_role(m.oid, u.oid, 'usage'))))
order by s.place, grantee`;

export async function findOpenSchemas(
  client: Client,
  names: Names,
  searched: readonly string[],
): Promise<NotGranted[]> {
  const owner = roleName(names, 'steadytext_owner');
  const users = ROLES.map((role) => roleName(names, role)).filter((role) => role !== owner);
  const { rows } = await client.query(QUERY, [searched, owner, users]);
  const found = rows as { schema: string; grantee: string; owns: boolean; databaseOwner: string }[];
  return found.map(({ schema, grantee, owns, databaseOwner }) => ({
    what: `the schema ${schema}, in which ${grantee === 'public' ? 'everybody' : grantee} may make functions`,
    statement: owns
      ? `alter schema ${schema} owner to ${databaseOwner};`
      : `revoke create on schema ${schema} from ${grantee};`,
  }));
}
