// plpgsql_check over every body: names, types and volatility that PostgreSQL itself would only find out by running them.
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Session, useQueue } from './support/queue.ts';

const queue = useQueue();
const PACKAGE = 'postgresql-15-plpgsql-check';
const LIBRARY = '/usr/lib/postgresql/15/lib/plpgsql_check.so';
const SCRIPT = '/usr/share/postgresql/15/extension/plpgsql_check--2.3.sql';

/** Its functions from Debian's script and library, put into the server's database without installing the extension. */
async function installChecker(superuser: Session): Promise<void> {
  const script = readFileSync(SCRIPT, 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('\\'))
    .join('\n');
  await superuser.rows('create schema checker');
  await superuser.rows('set search_path = checker');
  await superuser.client.query(script.replaceAll('MODULE_PATHNAME', LIBRARY).replaceAll('@extschema@', 'checker'));
  await superuser.rows('reset search_path');
}

test('plpgsql_check finds nothing in any function', async (ctx) => {
  const superuser = await queue.superuser();
  if (!existsSync(LIBRARY) || !existsSync(SCRIPT))
    ctx.skip(`plpgsql_check is not installed (apt-get install ${PACKAGE})`);
  await installChecker(superuser);
  // For tables of users: it is checked with one.
  await superuser.rows(`create table checker.used (created_at timestamptz, result text)`);
  await superuser.rows(
    `create trigger used after insert on checker.used for each row execute function audit_steadytext_usage('x')`,
  );
  const checked = await superuser.rows(
    `select p.oid::regprocedure::text as function, f.level, f.sqlstate, f.lineno, f.message, f.statement
     from pg_proc p
     left join pg_trigger t on t.tgfoid = p.oid
     cross join lateral checker.plpgsql_check_function_tb(
       p.oid, relid => coalesce(t.tgrelid, 0), extra_warnings => true, security_warnings => true,
       performance_warnings => false) f
     where p.pronamespace in ('steadytext'::regnamespace, 'steadytext_private'::regnamespace)
       and p.prolang = (select oid from pg_language where lanname = 'plpgsql')`,
  );
  expect(checked).toEqual([]);
  // The checker works: it finds what is wrong in a function that loads.
  await superuser.rows(`create function checker.wrong() returns int language plpgsql as
    'declare x int; begin return (select missing from steadytext.steadytext_queue); end'`);
  expect(await superuser.rows(`select * from checker.plpgsql_check_function_tb('checker.wrong()')`)).not.toEqual([]);
});
