// What a statement tells of rows that one may not see: how many were passed over, and nothing of what is in them. The planner
// may put a login's own condition in front of a policy, and by what was then executed or not one reads letter by letter.
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
/** A view, the table behind it, and of what is in it a condition that holds for a row of others and one that does not. */
const CONDITIONS: [view: string, table: string, pairs: [string, string][]][] = [
  [
    'steadytext_requests',
    'steadytext_queue',
    [
      ...OF_REQUESTS,
      ...ofText('session_id', 'the label'),
      ['session_id is not null', 'session_id is null'],
      ['prompts[1] is not null', 'prompts[2] is not null'],
      [`'the secret word' = any (prompts)`, `'zzz' = any (prompts)`],
      ['not runnable', 'runnable'],
      ['isolated is false', 'isolated'],
    ],
  ],
  ['steadytext_dead_letter_queue', 'steadytext_queue', [...OF_REQUESTS, ...ofText('error', 'the reason')]],
  [
    'steadytext_usage',
    'steadytext_request_log',
    [
      ...ofText('model', 'a model'),
      ['not cache_hit', 'cache_hit'],
      ['worker_id is null', 'worker_id is not null'],
      [`('{f,f,t}'::boolean[])[tokens_used]`, `('{t}'::boolean[])[tokens_used]`],
    ],
  ],
];
const SETTINGS = [
  'reset all',
  'set cpu_operator_cost = 0',
  `set cpu_operator_cost = '0x1p-1074'`,
  'set cpu_operator_cost = 1.7e308',
  'set enable_seqscan = off',
  'set enable_seqscan = off; set enable_bitmapscan = off',
  'set enable_seqscan = off; set enable_indexscan = off; set cpu_operator_cost = 0',
];
const FORMS = [
  'select count(*), max(user_id) from the_view where …',
  'select from (values (1)) v left join the_view on …',
  'select from the_view a join (select * from the_view where …) b using (user_id)',
  'select (select count(*) from the_view where …)',
  'select from (values (1)) v where not exists (select from the_view where …)',
  'select from (select * from the_view union all select * from the_view) u where …',
  'select from (select * from the_view union all select * from the_view) u where … and user_id > 0',
  'select from (select *, 1 from the_view where user_id > 0 union all select *, 2 from the_view where user_id > 0) u where …',
];
/** What is asked of a table, as 15 and 16, and as later ones write it: of one for whom it was granted the mask first, ... */
const MASK_FIRST = /^ *Filter: \(+(\$\d+|\(InitPlan \d+\)\.col1)\)\[(\w+\.)?user_id\]/;
/** ... and of one behind a view nothing but what the view asks. */
const OWN_ALONE =
  /^ *Filter: (\(\(status = 'failed'::text\) AND )?\((\w+\.)?user_id = (\$\d+|\(InitPlan \d+\)\.col1)\)+$/;

beforeEach(async () => {
  const superuser = await queue.superuser();
  bob = await queue.session('bob');
  newcomer = await queue.session('newcomer', ['steadytext_reader']);
  await bob.rows(`select steadytext_cancel_async(steadytext_embed_async('so that there is a number'))`);
  await superuser.rows('truncate steadytext_queue, steadytext_request_log');
  for (const statement of [REQUESTS, REQUEST_LOG]) await superuser.rows(statement);
  await superuser.rows('analyze steadytext_queue, steadytext_request_log, steadytext_users');
});

async function plan(statement: string, session: Session): Promise<string[]> {
  const options = 'analyze, costs off, timing off, buffers off, summary off';
  return (await session.rows(`explain (${options}) ${statement}`)).map((row) => row['QUERY PLAN'] as string);
}

/** But for the conditions themselves. */
const shape = (lines: string[]) => lines.filter((line) => !/^ *(Filter|Join Filter|.* Cond): /.test(line)).join('\n');

/** The filters of nodes that read a table, but for those that were not executed at all. */
function tableFilters(lines: string[]): string[] {
  let reads = false;
  return lines.filter((line) => {
    if (line.includes('->') || !line.startsWith(' '))
      reads = / on steadytext_(queue|request_log)/.test(line) && !line.includes('never executed');
    return reads && /^ *Filter: /.test(line);
  });
}

/** The statements whose plans tell whether a condition holds for rows of others, and filters of tables that are not allowed. */
async function told(
  statement: (condition: string) => string,
  pairs: [string, string][],
  { session = bob, allowed = OWN_ALONE } = {},
): Promise<string[]> {
  const found: string[] = [];
  for (const [there, notThere] of pairs) {
    const plans = [await plan(statement(there), session), await plan(statement(notThere), session)];
    if (shape(plans[0]!) !== shape(plans[1]!)) found.push(statement(there));
    for (const line of plans.flatMap(tableFilters)) if (!allowed.test(line)) found.push(line.trim());
  }
  return found;
}

describe.each(CONDITIONS)('of others in %s no condition is looked at', (view, _, pairs) => {
  test('whatever the planner is told', async () => {
    const plain = (condition: string) => `select from ${view} where ${condition}`;
    expect(await told(plain, pairs, { session: newcomer })).toEqual([]);
    for (const setting of SETTINGS) {
      await bob.rows(setting);
      expect(await told(plain, pairs), setting).toEqual([]);
    }
  });

  test('in whatever form', async () => {
    for (const form of FORMS)
      expect(
        await told((condition) => form.replaceAll('the_view', view).replaceAll('…', condition), pairs),
        form,
      ).toEqual([]);
  });
});

describe.each(CONDITIONS.filter(([view]) => view !== 'steadytext_dead_letter_queue'))(
  'nor, for whom an administrator has granted the table behind %s, before its policy',
  (_, table, pairs) => {
    test('whatever the planner is told', async () => {
      const reporter = await queue.session('reporter');
      const superuser = await queue.superuser();
      await superuser.rows(`grant select on ${table} to ${await reporter.value('select current_user::text')}`);
      await reporter.rows(`select steadytext_cancel_async(steadytext_embed_async('so that there is a number'))`);
      for (const log of [table, 'steadytext_queue'])
        await superuser.rows(`delete from ${log} where user_id not in (7, 8)`);
      const granted = { session: reporter, allowed: MASK_FIRST };
      for (const setting of SETTINGS) {
        await reporter.rows(setting);
        expect(await told((condition) => `select from ${table} where ${condition}`, pairs, granted), setting).toEqual(
          [],
        );
      }
    });
  },
);

test('the id of a request of somebody else does not tell what became of it', async () => {
  const superuser = await queue.superuser();
  const [failed, running] = ['00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002'];
  await superuser.rows(
    `insert into steadytext_queue (request_id, user_id, request_type, model, prompt, status, runnable, completed_at, error, lease_token,
       started_at, leased_by, lease_expires_at)
     values ('${failed}', 7, 'embed', 'm', 'x', 'failed', false, now(), 'x', 1, now(), null, null),
            ('${running}', 7, 'embed', 'm', 'x', 'processing', false, null, null, 1, now(), gen_random_uuid(), now())`,
  );
  const pairs: [string, string][] = [
    [`request_id = '${failed}'`, `request_id = '${running}'`],
    [`not (request_id is distinct from '${failed}')`, `not (request_id is distinct from '${running}')`],
  ];
  for (const setting of [
    'reset all',
    'set enable_seqscan = off',
    'set enable_indexscan = off; set enable_bitmapscan = off',
  ])
    for (const [view] of CONDITIONS) {
      await bob.rows(setting);
      const allowed = view === 'steadytext_requests' ? /./ : OWN_ALONE;
      expect(
        await told((condition) => `select from ${view} where ${condition}`, pairs, { allowed }),
        `${view}: ${setting}`,
      ).toEqual([]);
    }
});

/** Conditions that cost the planner nothing or little, with a function behind them that tells that it was called. */
const TELLING = [
  `case when ('{"the secret word": 1}'::jsonb)[prompt] is not null then (select pg_temp.tell()) else false end`,
  `case when session_id is not null then (select pg_temp.tell()) else false end`,
  `case when prompt >= any (array['the s']) then (select pg_temp.tell()) else false end`,
  `case when ('[1:99]={${Array(99).fill('t')}}'::boolean[])[user_id] then (select pg_temp.tell()) else false end`,
  // With what a planner reckons to cost endlessly often nothing, which is no number and so is less than nothing.
  `case when ('{"the secret word": 1}'::jsonb)[prompt] is not null then (select pg_temp.tell()) else (select '') @@ any ('{}'::text[]) end`,
  `(prompt >= any (array['the s']) and (select pg_temp.tell())) or (select '') @@ any ('{}'::text[])`,
];
const BOTH = '(select * from steadytext_requests union all select * from steadytext_requests) u';

test.each([
  'select from steadytext_requests where …',
  `select from ${BOTH} where …`,
  `select from (select pg_temp.no_costs() as x offset 0) s, ${BOTH} where …`,
  'select from (select pg_temp.no_costs() as x offset 0) s, steadytext_requests where …',
  'select from (values (1)) v, lateral (select * from steadytext_requests where … limit 1) l',
  'with r as not materialized (select * from steadytext_requests) select from (select * from r union all select * from r) u where …',
  'select from (select prompt, session_id, user_id from steadytext_requests union all select prompt, error, user_id from steadytext_dead_letter_queue) u where …',
])('what a login has called for a row is called for its own rows alone: %s', async (form) => {
  await bob.rows(`create function pg_temp.tell() returns boolean language plpgsql volatile
    as $$ begin raise exception 'told'; end $$`);
  await bob.rows(`create function pg_temp.no_costs() returns int language plpgsql immutable
    as $$ begin perform set_config('cpu_operator_cost', '0x1p-1074', false); return 1; end $$`);
  for (const cost of ['0.0025', '0', '1.7e308'])
    for (const condition of TELLING) {
      await bob.rows(`set cpu_operator_cost = ${cost}`);
      const asked = bob.client.query(form.replace('…', condition));
      await expect(asked, `${cost}: ${condition}`).resolves.toMatchObject({ rows: [] });
    }
  await (await queue.superuser()).rows(
    `update steadytext_queue set user_id = $1 where id = (select min(id) from steadytext_queue)`,
    [await bob.value('select current_user_id()')],
  );
  for (const condition of TELLING)
    await expect(bob.rows(form.replace('…', condition)), condition).rejects.toThrow('told');
});

test('nor by a join with guesses, a plan for any guess, or a function that costs next to nothing', async () => {
  await bob.rows(`create function pg_temp.cheap(known text) returns boolean language plpgsql immutable cost 0.0000001
    as $$ begin raise exception '%', known; end $$`);
  expect(await bob.rows('select from steadytext_requests where pg_temp.cheap(prompt)')).toEqual([]);
  await bob.rows(`create function pg_temp.inlined(known text) returns boolean language sql immutable
    return known >= any (array['the secret word'])`);
  await bob.rows('set plan_cache_mode = force_generic_plan');
  await bob.rows('prepare guess (text) as select from steadytext_requests where prompt >= any (array[$1])');
  const guesses: [string, string][] = [['the secret word', 'zzz']];
  const forms = [
    `execute guess ('…')`,
    `select from steadytext_requests where pg_temp.inlined(prompt) and prompt >= any (array['…'])`,
    `select from steadytext_requests q join (values ('…'), ('')) v (known) on q.prompt = v.known`,
    `select from (values ('…'), ('')) v (known), lateral (select from steadytext_requests where prompt = v.known limit 1) q`,
    `select from (values (array['…'])) v (known), lateral (select from steadytext_requests where prompt = any (v.known)) q`,
  ];
  for (const joins of ['on,off,off', 'off,on,off', 'off,off,on']) {
    const [hash, merge, loop] = joins.split(',');
    await bob.rows(`set enable_hashjoin = ${hash}; set enable_mergejoin = ${merge}; set enable_nestloop = ${loop}`);
    for (const form of forms) expect(await told((guess) => form.replace('…', guess), guesses), form).toEqual([]);
  }
});

test('what a session prepares before it has a number finds its requests, and after another SET ROLE those of that role', async () => {
  const gateway = await queue.session('gateway');
  const count = async () => Number((await gateway.rows('execute mine'))[0]!.count);
  await gateway.rows('prepare mine as select count(*) from steadytext_requests');
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
  await fresh.rows('prepare mine as select count(*) from steadytext_requests');
  await fresh.rows('begin; savepoint before_all');
  await fresh.rows(enqueue);
  expect(await counted()).toBe(1);
  await fresh.rows('rollback to before_all; commit');
  await fresh.rows(enqueue);
  expect(await counted()).toBe(1);
});
