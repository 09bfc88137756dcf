// What EXPLAIN ANALYZE tells of rows that one may not see: how many were passed over, and nothing of what is in them. The planner
// may put a login's own condition in front of a policy, and by what was then never executed one reads letter by letter.
import { beforeEach, describe, expect, test } from 'vitest';
import { type Session, useQueue } from './support/queue.ts';

const queue = useQueue();
let bob: Session;
/** Has no number yet. */
let newcomer: Session;

const REQUESTS = `insert into steadytext_queue (request_id, user_id, request_type, model, status, runnable, completed_at, session_id,
    cache_key, prompt, prompts, params, error)
  select gen_random_uuid(), 7 + g % 2, 'generate', 'a model', 'failed', false, now(), 'the label', 'the key', 'the secret word',
    array['the secret word'], '{"schema": {"type": "object"}}', 'the reason' from generate_series(1, 50) g`;
const REQUEST_LOG = `insert into steadytext_request_log (requested_at, user_id, request_id, request_type, model, outcome, tokens_used,
    queue_wait_ms, retry_count)
  select now(), 7 + g % 2, gen_random_uuid(), 'generate', 'a model', 'failed', 3, 0, 0 from generate_series(1, 50) g`;
const USERS = `insert into steadytext_users (role_name, role_oid, weight)
  select 'patient ' || g, 100000 + g, 5 from generate_series(1, 50) g on conflict do nothing`;

/** Of a text: what holds for it and what does not, in the forms in which a planner knows comparisons. */
const ofText = (column: string, known: string, before = 'a'): [string, string][] => [
  [`${column} >= any (array['${known}'])`, `${column} >= any (array['zzz'])`],
  [`${column} <= any (array['${known}'])`, `${column} <= any (array['${before}'])`],
  [`${column} = all (array['${known}'])`, `${column} = all (array['zzz'])`],
  [`${column} = '${known}'`, `${column} = 'zzz'`],
  [`${column} between '${known}' and '${known}~'`, `${column} between 'zzz' and 'zzz~'`],
  [`${column} like '${known.slice(0, 3)}%'`, `${column} like 'zzz%'`],
  [`${column} ~ '^${known.slice(0, 3)}'`, `${column} ~ '^zzz'`],
  [`starts_with(${column}, '${known.slice(0, 3)}')`, `starts_with(${column}, 'zzz')`],
  [`${column} ~>=~ '${known}'`, `${column} ~>=~ 'zzz'`],
  [`(${column}, 1) >= ('${known}', 1)`, `(${column}, 1) >= ('zzz', 1)`],
  [
    `case when ${column} >= '${known}' then true else false end`,
    `case when ${column} >= 'zzz' then true else false end`,
  ],
  [`nullif(${column}, '${known}') is null`, `nullif(${column}, 'zzz') is null`],
  [`greatest(${column}, 'zz') = 'zz'`, `greatest(${column}, '${before}') = '${before}'`],
  [`('{"${known}": 1}'::jsonb)[${column}] is not null`, `('{"zzz": 1}'::jsonb)[${column}] is not null`],
];
const OF_REQUESTS: [string, string][] = [
  ...ofText('prompt', 'the secret word'),
  ...ofText('model', 'a model'),
  [`params['schema'] is not null`, `params['choices'] is not null`],
  [`params['schema']['type'] is not null`, `params['schema']['enum'] is not null`],
  [`params @> '{"schema": {}}'`, `params @> '{"choices": []}'`],
  [`('{t,t,t,t,t,t,t,t}'::boolean[])[user_id]`, `('{t}'::boolean[])[user_id]`],
];
const CONDITIONS: Record<string, [string, string][]> = {
  steadytext_queue: [
    ...OF_REQUESTS,
    ...ofText('session_id', 'the label'),
    ['session_id is not null', 'session_id is null'],
    ['prompts[1] is not null', 'prompts[2] is not null'],
    [`'the secret word' = any (prompts)`, `'zzz' = any (prompts)`],
    ['not runnable', 'runnable'],
    ['isolated is false', 'isolated'],
  ],
  steadytext_dead_letter_queue: [...OF_REQUESTS, ...ofText('error', 'the reason')],
  steadytext_request_log: [
    ...ofText('model', 'a model'),
    ['not cache_hit', 'cache_hit'],
    ['worker_id is null', 'worker_id is not null'],
    [`('{f,f,t}'::boolean[])[tokens_used]`, `('{t}'::boolean[])[tokens_used]`],
  ],
  steadytext_users: [
    ...ofText('role_name', 'patient 5', 'login~'),
    ['weight >= any (array[5])', 'weight >= any (array[500])'],
  ],
};
const SETTINGS = [
  'reset all',
  'set cpu_operator_cost = 1e-6',
  'set cpu_operator_cost = 1e6',
  'set enable_seqscan = off',
  'set enable_seqscan = off; set enable_bitmapscan = off',
  'set enable_seqscan = off; set enable_indexscan = off; set cpu_operator_cost = 1e-6',
];
/** The mask as a constant of the plan, and where there is no number yet as 15 and 16, and as later ones write it. */
const MASK_FIRST =
  /^ *Filter: \(+('[^']*'::boolean\[\]|COALESCE\((\$\d+|\(InitPlan \d+\)\.col1)\))\)\[(\w+\.)?user_id\]/;

beforeEach(async () => {
  const superuser = await queue.superuser();
  bob = await queue.session('bob');
  newcomer = await queue.session('newcomer', ['steadytext_reader']);
  await bob.rows(`select steadytext_cancel_async(steadytext_embed_async('so that there is a number'))`);
  await superuser.rows('truncate steadytext_queue, steadytext_request_log');
  for (const statement of [REQUESTS, REQUEST_LOG, USERS]) await superuser.rows(statement);
  await superuser.rows('analyze steadytext_queue, steadytext_request_log, steadytext_users');
});

async function plan(statement: string, session: Session): Promise<string[]> {
  const options = 'analyze, costs off, timing off, buffers off, summary off';
  return (await session.rows(`explain (${options}) ${statement}`)).map((row) => row['QUERY PLAN'] as string);
}

/** But for the conditions themselves. */
const shape = (lines: string[]) => lines.filter((line) => !/(Filter|Cond): \(/.test(line)).join('\n');

/** The statements whose plans tell whether a condition holds for rows of others, and conditions that come before the mask. */
async function told(
  statement: (condition: string) => string,
  pairs: [string, string][],
  { session = bob, anyOrder = false } = {},
): Promise<string[]> {
  const found: string[] = [];
  for (const [there, notThere] of pairs) {
    const plans = [await plan(statement(there), session), await plan(statement(notThere), session)];
    if (shape(plans[0]!) !== shape(plans[1]!)) found.push(statement(there));
    for (const line of anyOrder ? [] : plans.flat())
      if (/^ *Filter: /.test(line) && !MASK_FIRST.test(line)) found.push(line.trim());
  }
  return found;
}

describe.each(Object.entries(CONDITIONS))(
  'of others in %s no condition is looked at before the policy',
  (table, pairs) => {
    test.each(SETTINGS)('%s', async (setting) => {
      for (const session of [bob, newcomer]) {
        await session.rows(setting);
        expect(await told((condition) => `select from ${table} where ${condition}`, pairs, { session })).toEqual([]);
      }
    });

    test.each([
      `select count(*), max(user_id) from ${table} where …`,
      `select from (values (1)) v left join ${table} on …`,
      `select from ${table} a join (select * from ${table} where …) b using (user_id)`,
      `select (select count(*) from ${table} where …)`,
      `select from (values (1)) v where not exists (select from ${table} where …)`,
      `select from (select *, 1 from ${table} where user_id > 0 union all select *, 2 from ${table} where user_id > 0) u where …`,
    ])('%s', async (statement) => {
      expect(await told((condition) => statement.replaceAll('…', condition), pairs)).toEqual([]);
    });

    test('over UNION ALL, where conditions of no cost come first, nothing tells whether they held', async () => {
      const both = `select * from ${table} union all select * from ${table}`;
      const anyOrder = { anyOrder: true };
      expect(await told((condition) => `select from (${both}) u where ${condition}`, pairs, anyOrder)).toEqual([]);
      expect(
        await told((condition) => `select from (${both}) u where ${condition} and user_id > 0`, pairs, anyOrder),
      ).toEqual([]);
    });
  },
);

test('nor by a join with guesses, a sample, a plan for any guess, or a function that costs next to nothing', async () => {
  await bob.rows(`create function pg_temp.cheap(known text) returns boolean language plpgsql immutable cost 0.0000001
    as $$ begin raise exception '%', known; end $$`);
  expect(await bob.rows('select from steadytext_queue where pg_temp.cheap(prompt)')).toEqual([]);
  await bob.rows(`create function pg_temp.inlined(known text) returns boolean language sql immutable
    return known >= any (array['the secret word'])`);
  await bob.rows('set plan_cache_mode = force_generic_plan');
  await bob.rows('prepare guess (text) as select from steadytext_queue where prompt >= any (array[$1])');
  const guesses: [string, string][] = [['the secret word', 'zzz']];
  const forms = [
    `execute guess ('…')`,
    `select from steadytext_queue tablesample system (100) where prompt >= any (array['…'])`,
    `select from steadytext_queue where pg_temp.inlined(prompt) and prompt >= any (array['…'])`,
    `select from steadytext_queue where ctid >= '(0,0)' and prompt >= any (array['…'])`,
    `select from steadytext_queue q join (values ('…'), ('')) v (known) on q.prompt = v.known`,
    `select from (values ('…'), ('')) v (known), lateral (select from steadytext_queue where prompt = v.known limit 1) q`,
    `select from (values (array['…'])) v (known), lateral (select from steadytext_queue where prompt = any (v.known)) q`,
  ];
  for (const joins of ['on,off,off', 'off,on,off', 'off,off,on']) {
    const [hash, merge, loop] = joins.split(',');
    await bob.rows(`set enable_hashjoin = ${hash}; set enable_mergejoin = ${merge}; set enable_nestloop = ${loop}`);
    for (const form of forms) expect(await told((guess) => form.replace('…', guess), guesses), form).toEqual([]);
  }
});

test('costs of nothing, which would put all conditions first, are refused', async () => {
  for (const cost of ['0', '0x1p-1074', '1e-7', '1e308']) {
    await bob.rows(`set cpu_operator_cost = '${cost}'`);
    await expect(bob.rows('select from steadytext_queue')).rejects.toMatchObject({
      code: 'ST004',
      message: expect.stringMatching(/^cpu_operator_cost should be between 1e-6 and 1e6, but is /),
    });
  }
  await bob.rows('reset cpu_operator_cost');
  expect(await bob.rows('select from steadytext_queue')).toEqual([]);
});

test('what a session prepares before it has a number finds its requests, and after another SET ROLE those of that role', async () => {
  const gateway = await queue.session('gateway');
  const count = async () => Number((await gateway.rows('execute mine'))[0]!.count);
  await gateway.rows('prepare mine as select count(*) from steadytext_queue');
  expect(await count()).toBe(0);
  await gateway.rows(`select steadytext_embed_batch_async(array['one', 'two'])`);
  expect(await count()).toBe(2);
  const superuser = await queue.superuser();
  const [name] = [await bob.value('select current_user')];
  await superuser.rows(`grant "${name}" to "${await gateway.value('select current_user')}"`);
  await bob.rows(`select steadytext_embed_async('three')`);
  await gateway.rows(`set role "${name}"`);
  expect(await count()).toBe(1);
  await gateway.rows('reset role');
  expect(await count()).toBe(2);
});

test('a plan made while its number may yet be rolled back finds the requests of the number that it has afterwards', async () => {
  const fresh = await queue.session('fresh');
  const enqueue = `select steadytext_embed_async('one')`;
  const counted = () => fresh.rows('execute mine').then(([row]) => Number(row!.count));
  await fresh.rows('prepare mine as select count(*) from steadytext_queue');
  await fresh.rows('begin; savepoint before_all');
  await fresh.rows(enqueue);
  expect(await counted()).toBe(1);
  await fresh.rows('rollback to before_all; commit');
  await fresh.rows(enqueue);
  expect(await counted()).toBe(1);
  // Once it is committed, a transaction that has written plans with it.
  await fresh.rows('begin');
  await fresh.rows(enqueue);
  expect((await plan('select from steadytext_queue', fresh)).join()).toMatch(/Filter: \(\('/);
  await fresh.rows('commit');
});
