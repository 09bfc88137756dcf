// What EXPLAIN tells of rows that one may not see: that there are some, and nothing of what is in them.
import { beforeEach, expect, test } from 'vitest';
import { type Session, useQueue } from './support/queue.ts';

const queue = useQueue();
let superuser: Session;
let bob: Session;

/** What a login may read, and the table behind it. */
const READABLE = { steadytext_requests: 'steadytext_queue', steadytext_usage: 'steadytext_request_log' };
const LOGS = ['steadytext_request_log', 'steadytext_audit_log'];
const UNKNOWN = 'not a word of it';
/** Of every text of the row half are equal, and the others each for themselves. */
const text = (unique: string) =>
  `case when g % 2 = 0 then 'the secret word' else 'patient ' || md5(g || '${unique}') end`;
const REQUESTS = `insert into steadytext_queue (request_id, user_id, request_type, model, status, runnable, completed_at, session_id,
    idempotency_key, cache_key, traceparent, daemon_endpoint, model_digest, prompt, prompts, params, result, results, error,
    receipt, asked_by, client_addr)
  select gen_random_uuid(), 7 + g % 2, ${text('a')}, ${text('b')}, 'completed', false, now(), ${text('c')},
    'key ' || g, ${text('d')}, ${text('e')}, ${text('f')}, ${text('g')}, ${text('h')}, array[${text('i')}],
    jsonb_build_object('schema', ${text('j')}), ${text('k')}, array[${text('l')}], ${text('m')},
    jsonb_build_object('x', ${text('n')}), ${text('o')}, case when g % 2 = 0 then '10.1.2.3'::inet else '10.0.0.0'::inet + g end from generate_series(1, 2000) g`;
const REQUEST_LOG = (
  at: string,
) => `insert into steadytext_request_log (finished_at, requested_at, user_id, request_id, request_type, model,
    model_digest, outcome, tokens_used, queue_wait_ms, retry_count)
  select ${at}, now(), 7 + g % 2, gen_random_uuid(), ${text('a')}, ${text('b')}, ${text('c')}, 'completed', 0, 0, 0
  from generate_series(1, 2000) g`;
const AUDIT_LOG = (
  at: string,
) => `insert into steadytext_audit_log ("timestamp", user_id, event_type, function_name, parameters, success,
    error_message, digest)
  select ${at}, 7, ${text('a')}, ${text('b')}, jsonb_build_object('x', ${text('c')}), true, ${text('d')}, sha256('x')
  from generate_series(1, 2000) g`;
const USERS = `insert into steadytext_users (role_name, role_oid, weight)
  select ${text('a')}, 100000 + g, 1 + g % 2 from generate_series(1, 2000) g`;

beforeEach(async () => {
  superuser = await queue.superuser();
  bob = await queue.session('bob');
  await superuser.rows(`delete from steadytext_users where role_name ~ '^(the secret|patient)'`);
});

/** Every table with rows of several users, partitions too. */
async function analyzeAll(): Promise<void> {
  const tables = await superuser.value(
    `select string_agg(oid::regclass::text, ', ') from pg_class where relrowsecurity and relkind in ('r', 'p')
     and relnamespace in ('steadytext'::regnamespace, 'steadytext_private'::regnamespace)`,
  );
  await superuser.rows(`analyze ${tables}`);
}

const samples = () =>
  superuser.rows(
    `select s.tablename, s.attname from pg_stats s join pg_class c on c.oid = format('%I.%I', s.schemaname, s.tablename)::regclass
     where c.relrowsecurity and s.schemaname in ('steadytext', 'steadytext_private')`,
  );

async function estimate(view: string, condition: string): Promise<number> {
  const rows = await bob.rows(`explain (format json) select * from ${view} where ${condition}`);
  const { 'Plan Rows': found, 'Plan Width': width } = rows[0]!['QUERY PLAN'][0].Plan;
  return found + width / 1e6;
}

/** But for the outcome in logs: what it may be a constraint of theirs says, by which the planner knows what there cannot be. */
async function textColumns(table: string): Promise<string[]> {
  const rows = await superuser.rows(
    `select attname from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped and atttypid = 'text'::regtype
     and attname <> 'outcome'`,
    [table],
  );
  return rows.map(({ attname }) => attname);
}

/** Of each text of the tables, where it stands most often and where it does not stand at all. */
async function toldApart(): Promise<string[]> {
  const told: string[] = [];
  for (const [view, table] of Object.entries(READABLE))
    for (const column of await textColumns(table)) {
      const known = (await superuser.value(`select mode() within group (order by ${column}) from ${table}`)) as string;
      const pairs = [
        [`${column} = '${known}'`, `${column} = '${UNKNOWN}'`],
        [
          `${column} >= '${known.slice(0, 4)}' and ${column} < '${known.slice(0, 4)}~'`,
          `${column} >= 'zzzz' and ${column} < 'zzzz~'`,
        ],
        [`${column} like '${known.slice(0, 4)}%'`, `${column} like 'zzzz%'`],
        [`${column} <= '${known}'`, `${column} <= ''`],
      ];
      for (const [there, notThere] of pairs)
        if ((await estimate(view, there!)) !== (await estimate(view, notThere!))) told.push(`${view}: ${there}`);
    }
  const others = [
    ['steadytext_requests', 'user_id = 7', 'user_id = 9'],
    ['steadytext_requests', `'the secret word' = any (prompts)`, `'${UNKNOWN}' = any (prompts)`],
    ['steadytext_requests', `'the secret word' = any (results)`, `'${UNKNOWN}' = any (results)`],
    ['steadytext_requests', `client_addr = '10.1.2.3'`, `client_addr = '10.3.2.1'`],
    ['steadytext_usage', 'user_id = 7', 'user_id = 9'],
  ];
  for (const [view, there, notThere] of others)
    if ((await estimate(view!, there!)) !== (await estimate(view!, notThere!))) told.push(`${view}: ${there}`);
  return told;
}

test('an ordinary login learns no prompt, result or label of others from the estimates of EXPLAIN', async () => {
  for (const statement of [REQUESTS, REQUEST_LOG('now()'), AUDIT_LOG('now()'), USERS]) await superuser.rows(statement);
  await analyzeAll();
  const worker = await queue.worker();
  await worker.client.query('select steadytext_private.refresh_statistics()');
  expect(await bob.rows('select from steadytext_requests')).toEqual([]);
  expect(await toldApart()).toEqual([]);
  expect(await samples()).toEqual([]);
});

test('nor from a week of the logs that was made later', async () => {
  const last = `(date_trunc('week', now() at time zone 'UTC') + interval '4 weeks 3 days') at time zone 'UTC'`;
  for (const log of LOGS)
    await superuser.rows(
      `do $$ begin execute (select 'drop table ' || max(inhrelid::regclass::text) from pg_inherits
       where inhparent = '${log}'::regclass and inhrelid::regclass::text !~ 'default'); end $$`,
    );
  const worker = await queue.worker();
  for (const _ of LOGS) await worker.client.query('select steadytext_private.extend_partitions()');
  for (const statement of [REQUESTS, REQUEST_LOG(last), AUDIT_LOG(last), USERS]) await superuser.rows(statement);
  for (const log of LOGS)
    expect(await superuser.value(`select count(*)::int from steadytext_private.${log}_default`)).toBe(0);
  await analyzeAll();
  expect(await toldApart()).toEqual([]);
  expect(await samples()).toEqual([]);
});
