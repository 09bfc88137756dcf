// Lints over the catalog: what would open a hole, or leave a caller without a word, whoever adds it later.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Row, useQueue } from './support/queue.ts';

const queue = useQueue();
const OURS = `('steadytext'::regnamespace, 'steadytext_private'::regnamespace)`;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Holds no row of a user, and so needs no policy. */
const WITHOUT_TENANT_DATA = [
  'steadytext.steadytext_audit_seals',
  'steadytext.steadytext_models',
  'steadytext.steadytext_settings',
  'steadytext.steadytext_workers',
  'steadytext_private.applied_files',
  'steadytext_private.applied_migrations',
  'steadytext_private.audit_permits',
  'steadytext_private.claim_cursors',
  'steadytext_private.eviction_turn',
  'steadytext.steadytext_eviction_log',
  'steadytext_private.cache_sizes',
  'steadytext_private.request_tallies',
  'steadytext_private.system_settings',
  'steadytext_private.fleet_orders',
  'steadytext_private.gate_key',
  'steadytext_private.hash_key',
  'steadytext_private.installation',
  'steadytext_private.order_answers',
  'steadytext_private.retired_workers',
  'steadytext_private.sync_key',
  'steadytext_private.virtual_times',
  'steadytext_private.weekly_logs',
];

/**
 * Inlined into the statements of pinned callers, which a setting of their own would prevent; or a procedure that commits, which
 * PostgreSQL refuses with one. None runs as its owner.
 */
const UNPINNED = [
  'audit_digest',
  'audit_parameters',
  'audit_row_digest',
  'audit_text_digest',
  'binding_mark',
  'blank_characters',
  'cache_key',
  'cache_key_head',
  'cache_type_of',
  'eviction_order',
  'is_cache_hit',
  'login_name',
  'may_be_cached',
  'model_kinds_of',
  'most_read',
  'new_request_id',
  'opaque',
  'own_settings',
  'request_cost',
  'request_parameters',
  'retry_delay',
  'st_apply_results',
  'st_generate_and_wait',
  'steadytext_apply_results',
  'steadytext_generate_and_wait',
  'tally_bounds',
  'text_tokens',
  'times_read',
  'tokens_read',
  'traceparent',
];

function sqlFiles(): string[] {
  const paths = readdirSync(join(ROOT, 'sql'), { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => path.endsWith('.sql'));
}

async function found(query: string): Promise<unknown[]> {
  const superuser = await queue.superuser();
  await superuser.rows('set search_path = pg_catalog');
  const rows: Row[] = await superuser.rows(query);
  await superuser.rows('reset search_path');
  return rows.map((row) => Object.values(row)[0]);
}

test('every function pins its search_path, and no temporary object comes before the catalog', async () => {
  const unpinned = await found(
    `select proname from pg_proc where pronamespace in ${OURS} and prokind <> 'a'
     and not coalesce('search_path=pg_catalog, pg_temp' = any (proconfig), false) order by 1`,
  );
  expect(unpinned).toEqual(UNPINNED);
  expect(
    await found(`select proname from pg_proc where pronamespace in ${OURS} and prosecdef and proconfig is null`),
  ).toEqual([]);
});

test('PUBLIC may execute, read or use nothing', async () => {
  expect(
    await found(
      `select proname from pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) a
       where pronamespace in ${OURS} and a.grantee = 0`,
    ),
  ).toEqual([]);
  expect(
    await found(
      `select relname from pg_class, aclexplode(coalesce(relacl, acldefault('r', relowner))) a
       where relnamespace in ${OURS} and relkind in ('r', 'p', 'v', 'S') and a.grantee = 0`,
    ),
  ).toEqual([]);
  expect(
    await found(
      `select nspname from pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) a
       where oid in ${OURS} and a.grantee = 0`,
    ),
  ).toEqual([]);
});

test('every file of a function takes it from PUBLIC itself, whatever default privileges there are', () => {
  const open = sqlFiles().filter((path) => {
    const text = readFileSync(join(ROOT, 'sql', path), 'utf8');
    const [, kind, made] = /^create or replace (function|procedure) (\S+?)\(/m.exec(text) ?? [];
    return made !== undefined && !text.includes(`revoke all on ${kind} ${made} from public;`);
  });
  expect(open).toEqual([]);
});

test('no literal means something else with standard_conforming_strings off, which any login may set', () => {
  const open = sqlFiles().filter((path) => {
    const code = readFileSync(join(ROOT, 'sql', path), 'utf8').replaceAll(/--.*$/gm, '');
    return (code.match(/E?'(?:[^']|'')*'/g) ?? []).some(
      (literal) => literal.includes('\\') && !literal.startsWith('E'),
    );
  });
  expect(open).toEqual([]);
});

test('nothing is granted with the right to grant it further, but to the owner', async () => {
  expect(
    await found(
      `select proname from pg_proc, aclexplode(proacl) a where pronamespace in ${OURS} and a.is_grantable and a.grantee <> proowner
       union all select relname from pg_class, aclexplode(relacl) a
       where relnamespace in ${OURS} and a.is_grantable and a.grantee <> relowner`,
    ),
  ).toEqual([]);
});

test('notices are sent in one place, which leaves them out when the server has no room', async () => {
  expect(
    await found(
      `select proname from pg_proc where pronamespace in ${OURS} and prosrc ~* '\\m(pg_notify|notify\\s+\\w+\\s*[,;])'`,
    ),
  ).toEqual(['send_notices']);
});

test('everything belongs to the owner role, which is no superuser, bypasses nothing and cannot log in', async () => {
  const owners = await found(
    `select distinct pg_get_userbyid(owner) from (
       select proowner as owner from pg_proc where pronamespace in ${OURS}
       union all select relowner from pg_class where relnamespace in ${OURS}
       union all select nspowner from pg_namespace where oid in ${OURS}) o`,
  );
  expect(owners).toEqual(['steadytext_owner']);
  expect(
    await found(
      `select rolname from pg_roles where rolname = 'steadytext_owner'
       and not (rolsuper or rolbypassrls or rolcanlogin or rolcreaterole or rolcreatedb or rolreplication)`,
    ),
  ).toEqual(['steadytext_owner']);
});

test('every table with rows of users has row-level security, not forced on the functions of its owner', async () => {
  const open = await found(
    `select oid::regclass::text from pg_class where relnamespace in ${OURS} and relkind in ('r', 'p') and not relrowsecurity
     order by 1`,
  );
  expect(open).toEqual([...WITHOUT_TENANT_DATA].sort());
  expect(await found(`select relname from pg_class where relnamespace in ${OURS} and relforcerowsecurity`)).toEqual([]);
});

test('of no column of theirs does the planner keep samples, which would tell of rows that one may not see', async () => {
  const sampled = await found(
    `select a.attrelid::regclass || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relnamespace in ${OURS} and c.relkind in ('r', 'p') and c.relrowsecurity
     and a.attnum > 0 and not a.attisdropped and a.attstattarget is distinct from 0`,
  );
  expect(sampled, 'alter table … alter column … set statistics 0').toEqual([]);
});

test('every view asks with the rights of its reader, or is a barrier that passes on no condition but what everybody hears', async () => {
  const has = (option: string) => `coalesce('${option}=true' = any (reloptions), false)`;
  const views = `from pg_class where relnamespace in ${OURS} and relkind = 'v' and not ${has('security_invoker')}`;
  // Those that no login may read are parts of the others.
  const readable = `and exists (select from aclexplode(relacl) a where a.grantee <> relowner)`;
  expect(await found(`select relname ${views} ${readable} and not ${has('security_barrier')}`)).toEqual([]);
  const barriers = (await found(`select oid::regclass ${views} ${readable} order by relname`)).map(String);
  const passed: Record<string, string[]> = {};
  for (const barrier of barriers) {
    const [text] = await found(`select pg_get_viewdef('${barrier}'::regclass)`);
    const columns = String(text)
      .replace(/\s+FROM[\s\S]*/, '')
      .replace('SELECT', '')
      .split(',\n');
    const passedOn = columns.filter((column) => !/^\s*steadytext_private\.opaque\((\w+\.)?\w+\) AS \w+$/.test(column));
    passed[barrier.replace(/.*\./, '')] = passedOn.map((column) => column.trim().replace(/^[qlw]\./, ''));
  }
  expect(passed).toEqual({
    cache_totals: [],
    caller_proof: [],
    present_sums: [],
    steadytext_cache: [],
    steadytext_dead_letter_queue: [],
    steadytext_function_stats: ['finished_at'],
    steadytext_own_counts: [],
    steadytext_requests: ['request_id'],
    steadytext_usage: ['finished_at'],
    steadytext_write_backs: ['request_id'],
  });
  expect(await found(`select provolatile from pg_proc where proname = 'opaque'`)).toEqual(['v']);
  expect(await found(`select relname from pg_class where relnamespace in ${OURS} and relkind = 'm'`)).toEqual([]);
});

test.each([
  ['steadytext_requests', 'steadytext_queue'],
  ['steadytext_usage', 'steadytext_request_log'],
  ['steadytext_cache', 'steadytext_cache_entries'],
])('%s has the columns of %s', async (view, table) => {
  const columns = (of: string) =>
    found(
      `select attname from pg_attribute where attrelid = 'steadytext.${of}'::regclass and attnum > 0 and not attisdropped order by 1`,
    );
  expect(await columns(view)).toEqual(await columns(table));
});

/** Shared by all who may read: what is in them is of no single user. */
const SHARED = `('steadytext_prompts', 'steadytext_prompt_versions')`;

test('a policy for all rows is for administrators and auditors, or of what is shared, and none is for PUBLIC', async () => {
  const wide = await found(
    `select distinct r.rolname from pg_policy p
     join pg_class c on c.oid = p.polrelid and c.relnamespace in ${OURS}
     cross join unnest(p.polroles) u (role) left join pg_roles r on r.oid = u.role
     where (pg_get_expr(p.polqual, p.polrelid) = 'true' or pg_get_expr(p.polwithcheck, p.polrelid) = 'true' or u.role = 0)
       and not (c.relname in ${SHARED} and p.polcmd = 'r' and r.rolname = 'steadytext_reader')
     order by 1`,
  );
  expect(wide).toEqual(['steadytext_admin', 'steadytext_auditor']);
  expect(
    await found(`select polname from pg_policy where polname = 'queue_user_policy'`),
    'the name that users are told to use',
  ).toEqual([]);
});

test('every function, table and view says what it is for', async () => {
  const silent = await found(
    `select proname from pg_proc where pronamespace in ${OURS} and obj_description(oid, 'pg_proc') is null
     union all
     select relname from pg_class where relnamespace = 'steadytext'::regnamespace and relkind in ('r', 'p', 'v')
     and obj_description(oid, 'pg_class') is null`,
  );
  expect(silent).toEqual([]);
});

test('the function that is called is never ambiguous: no name twice', async () => {
  expect(
    await found(
      `select proname from pg_proc where pronamespace in ${OURS} group by pronamespace, proname having count(*) > 1 order by 1`,
    ),
    // Aggregates have no defaults.
  ).toEqual(['st_summarize', 'steadytext_summarize']);
});

test('every body is one that PostgreSQL accepts when it looks at bodies, which loading does not', async () => {
  const superuser = await queue.superuser();
  const bodies = await found(
    `select pg_get_functiondef(oid) from pg_proc where pronamespace in ${OURS} and prokind <> 'a'`,
  );
  await superuser.rows('begin; set local check_function_bodies = on');
  for (const body of bodies) await superuser.rows(body as string);
  await superuser.rows('rollback');
});

test('every file of sql/ is named after the object it makes', () => {
  const files = sqlFiles();
  expect(files.length).toBeGreaterThan(50);
  const misnamed = files.filter((path) => {
    if (/^(compat\/)?grants/.test(path)) return false;
    const text = readFileSync(join(ROOT, 'sql', path), 'utf8');
    const made = [
      ...text.matchAll(
        /^create (?:or replace )?(?:function|procedure|aggregate|view|trigger|policy) (?:@\w+@\.)?(\w+)/gm,
      ),
    ].map(([, name]) => name);
    // An aggregate without and with an argument, which others have as a default.
    return new Set(made).size !== 1 || made[0] !== basename(path, '.sql');
  });
  expect(misnamed).toEqual([]);
});
