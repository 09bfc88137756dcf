// Who holds the locks that a migration waits for, told when it gives up.
import type { Client } from './connection.ts';
import type { Names } from './names.ts';
import { inReadOnlyTransaction } from './transaction.ts';

const QUERY = `
select a.pid, coalesce(a.usename, '?') as login, coalesce(nullif(a.application_name, ''), '?') as application,
       extract(epoch from clock_timestamp() - a.xact_start)::int as seconds, array_agg(distinct c.relname::text) as tables
from pg_locks l
join pg_class c on c.oid = l.relation
join pg_namespace n on n.oid = c.relnamespace
join pg_stat_activity a on a.pid = l.pid
where l.granted and l.pid <> pg_backend_pid() and n.nspname = any($1)
  and l.database = (select oid from pg_database where datname = current_database())
group by a.pid, a.usename, a.application_name, a.xact_start
order by a.xact_start nulls last
limit 5`;

export async function describeBlockers(client: Client, names: Names): Promise<string> {
  const schemas = [names.extschema, names.privschema, names.bossschema];
  const { rows } = await inReadOnlyTransaction(client, () => client.query(QUERY, [schemas]));
  const found = rows as { pid: number; login: string; application: string; seconds: number | null; tables: string[] }[];
  return found
    .map(
      (row) =>
        `process ${row.pid} of ${row.login} (${row.application}), ${row.seconds ?? '?'} s, on ${row.tables.join(', ')}`,
    )
    .join('; ');
}
