// With the compatibility layer queries that were written for pg_steadytext give what they gave there, and the catalog is as safe as
// without it. Bodies with pgvector's type are looked at here: plpgsql_check can be had for 15 alone, where pgvector cannot.
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { type MigrateReport, migrate } from '../../workers/queue/migrate/migrate.ts';
import { setupSync } from '../../workers/queue/setup-sync.ts';
import { fencedBlocks } from '../docs/markdown.ts';
import { readText } from '../house/source-tree.ts';
import { emptyDatabase } from '../migrate/world.ts';
import { inDatabase, openClient } from '../support/database.ts';
import { useVector } from '../support/vector.ts';
import { type TestQueue, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';
import { answering, naturalEnding, useSideChannel } from './support/sync.ts';
import { WorkerSession } from './support/worker-session.ts';

const queue = useQueue();
useVector(queue.db);
useSideChannel(queue);

const LAYER = 'pg_steadytext';
const switched = (compat: 'pg_steadytext' | 'none'): Promise<MigrateReport> =>
  migrate({ url: queue.db.superuserUrl, compat });

/** Every function and view of ours, as whoever calls and whoever guards it sees it. */
const CATALOG = `
select p.oid::regprocedure::text as it, pg_get_function_result(p.oid) as result, p.prosecdef as definer, p.proconfig as settings,
       array(select r.rolname || ' ' || a.privilege_type from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
             left join pg_roles r on r.oid = a.grantee order by 1) as rights, obj_description(p.oid, 'pg_proc') as comment
from pg_proc p where p.pronamespace in ('steadytext'::regnamespace, 'steadytext_private'::regnamespace)
union all
select c.oid::regclass::text, pg_get_viewdef(c.oid), null, c.reloptions,
       array(select r.rolname || ' ' || a.privilege_type from aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
             left join pg_roles r on r.oid = a.grantee order by 1), obj_description(c.oid, 'pg_class')
from pg_class c where c.relkind = 'v' and c.relnamespace in ('steadytext'::regnamespace, 'steadytext_private'::regnamespace)
order by 1`;

interface Entry {
  readonly it: string;
  readonly result: string;
  readonly settings: string[] | null;
  readonly rights: string[];
  readonly comment: string | null;
}
const catalog = (): Promise<Entry[]> => queue.db.query(queue.db.superuserUrl, CATALOG);
let without: Entry[];

beforeAll(async () => {
  const [row] = await queue.db.query(queue.db.superuserUrl, `select from pg_extension where extname = 'vector'`);
  if (!row) return;
  without = await catalog();
  expect(await switched(LAYER)).toMatchObject({ compat: LAYER, migrations: [], drift: [] });
});

const unit = `{1${',0'.repeat(383)}}`;
const answered = (by: Pick<TestQueue, 'worker'> = queue) =>
  answering(by, (request) => (request.request_type === 'embed' ? { embedding: unit } : naturalEnding(request)));

test('queries give what they gave', async () => {
  const alice = await queue.session('alice');
  await using _ = await answered();
  await alice.rows('create temporary table documents (embedding vector(1024))');
  await alice.rows(`insert into documents values (steadytext_embed('a cat')), (st_embed_cached('a dog', seed := 42))`);
  const cases: readonly (readonly [string, unknown])[] = [
    [`pg_typeof(steadytext_embed('a cat', true, 42, null, false))::text`, 'vector'],
    [`vector_dims(steadytext_embed_cached('a cat', 42))`, 1024],
    [`steadytext_embed('a cat') <=> st_embed('a cat')`, 0],
    [`min(embedding <-> steadytext_embed('a cat')) from documents`, 0],
    [`vector_dims(avg(embedding)) from documents`, 1024],
    [`steadytext_generate('hello', max_tokens := 10, use_cache := true, seed := 42, eos_string := '[EOS]')`, 'HELLO'],
    [`st_generate_choice('hello', array['a', 'b'], 10, true, 42, false)`, 'HELLO'],
    [`array_agg(document) from st_rerank_top_k('q', array['a', 'b', 'c'], k := 2)`, ['c', 'b']],
    [`count(*)::int from st_rerank_top_k('q', array['a', 'b', 'c', 'd', 'e', 'f'])`, 5],
    [`total_entries >= 4 and total_size_mb > 0 and cache_hit_rate between 0 and 1 from steadytext_cache_stats()`, true],
    [`oldest_entry <= newest_entry and avg_access_count >= 0 from st_cache_stats()`, true],
    [`count(*)::int from cache_performance`, 3],
    [`steadytext_version()`, '2025.11.25'],
    [`st_version()`, '2025.11.25'],
    [`value from steadytext_config where key = 'default_seed'`, 42],
    [`st_config_get(key := 'default_seed')`, '42'],
    [`daemon_id from steadytext_daemon_health`, 'default'],
    [`count(*)::int from steadytext_check_async(gen_random_uuid())`, 0],
    // What the session chooses counts, also that it wants the model's own.
    [`vector_dims(steadytext_embed('a cat')) from set_config('steadytext.embedding_dimensions', '384', false)`, 384],
    [`vector_dims(steadytext_embed('a cat')) from set_config('steadytext.embedding_dimensions', '0', false)`, 384],
    [`vector_dims(steadytext_embed('a cat')) from set_config('steadytext.embedding_dimensions', '', false)`, 1024],
  ];
  for (const [query, expected] of cases) expect(await alice.value(`select ${query}`), query).toEqual(expected);
  const id = await alice.value(`select steadytext_embed_async('a bird')`);
  expect(await alice.value('select vector_dims(steadytext_get_async_result_embedding($1))', [id])).toBe(1024);
  expect(await alice.value('select vector_dims(st_get_async_result_embedding($1))', [id])).toBe(1024);
  expect(
    await alice.rows(
      `select status, result, results, vector_dims(embedding) as width, embeddings, error, request_type, pg_typeof(embeddings)::text as type
       from steadytext_check_async($1) union all
       select status, result, results, vector_dims(embedding), embeddings, error, request_type, '' from st_check_async($1)`,
      [id],
    ),
  ).toMatchObject([
    { status: 'completed', width: 1024, embeddings: null, request_type: 'embed', type: 'vector[]' },
    { status: 'completed', width: 1024 },
  ]);
  await queue.db.query(queue.db.superuserUrl, `select steadytext_config_set('embedding_dimensions', '512')`);
  expect(await alice.value(`select vector_dims(steadytext_embed('a cat'))`)).toBe(512);
  await queue.db.query(queue.db.superuserUrl, `select steadytext_config_reset('embedding_dimensions')`);
});

const REMOTE = `Remote models (containing ':' ) require unsafe_mode=TRUE`;

test('what is refused has its words and SQLSTATE', async () => {
  const alice = await queue.session('alice');
  const raised = (message: string) => ['P0001', `spiexceptions.RaiseException: ${message}`] as const;
  const byPython = (message: string) => ['XX000', `plpy.Error: ${message}`] as const;
  const cases: readonly (readonly [string, readonly [string, string]])[] = [
    [`steadytext_generate(null)`, raised('Prompt cannot be null')],
    [`st_generate(' ')`, raised('Prompt cannot be empty')],
    [`steadytext_generate('x', seed := -1)`, raised('seed must be non-negative')],
    [`steadytext_generate('x', model := 'openai:a')`, raised(REMOTE)],
    [`steadytext_generate('x', unsafe_mode := true)`, raised('unsafe_mode=TRUE requires a model parameter')],
    [`steadytext_generate_json('x', null)`, raised('Schema cannot be null')],
    [`steadytext_generate_regex('x', ' ')`, raised('Pattern cannot be null or empty')],
    [`steadytext_generate_choice('x', '{}')`, raised('Choices cannot be null or empty')],
    [`st_generate_choice('x', '{a}')`, raised('Must provide at least 2 choices')],
    [`steadytext_embed('')`, raised('Text cannot be empty')],
    [`steadytext_embed(null)`, raised('Text cannot be null')],
    [`steadytext_embed('x', model := 'openai:a')`, raised(REMOTE)],
    [`steadytext_rerank('', '{a}')`, raised('Query cannot be empty')],
    [`steadytext_rerank('x', '{a,null}')`, raised('Documents cannot contain null elements')],
    [`steadytext_rerank_top_k('x', '{a}', 0)`, raised('top_k must be greater than 0')],
    [`steadytext_rerank_batch('{}', '{a}')`, byPython('Queries cannot be empty')],
    [`steadytext_extract_facts('A fact. Another.', 51)`, byPython('max_facts must be between 1 and 50')],
    [`steadytext_deduplicate_facts('["a", "b"]', 1.5)`, byPython('similarity_threshold must be between 0.0 and 1.0')],
    // These were in PL/pgSQL there, which has no prefix.
    [`steadytext_embed_cached('x', model := 'openai:a')`, ['P0001', REMOTE]],
    [`steadytext_generate_async(' ')`, ['P0001', 'Prompt cannot be empty']],
    [`steadytext_get_async_result(gen_random_uuid(), -1)`, ['P0001', 'Timeout cannot be negative']],
    // And of these it knew nothing.
    [`steadytext_embed('x', on_error := 'maybe')`, ['ST004', expect.stringMatching(/^on_error should be/)]],
    [`steadytext_embed('x', model := 'none')`, ['ST003', expect.stringMatching(/"none" is not$/)]],
  ];
  const came = [];
  for (const [call] of cases) {
    const { code, message } = await refusal(alice, `select * from ${call}`);
    came.push([call, [code, message]]);
  }
  expect(came).toEqual(cases);
  expect(await alice.value(`select steadytext_embed('', on_error := 'null')`)).toBeNull();
});

test('the catalog is as it is without the layer: rights, paths, comments, bodies', async () => {
  const now = await catalog();
  const name = ({ it }: Entry) => it.replace(/\(.*/, '');
  const rights = (entries: readonly Entry[]) => Object.fromEntries(entries.map((entry) => [name(entry), entry.rights]));
  const added = ['st_version', 'steadytext_config', 'steadytext_daemon_health', 'steadytext_version'];
  const own = now.filter((entry) => added.includes(name(entry)));
  expect(own.map(name)).toEqual(added);
  const kept = now.filter((entry) => !added.includes(name(entry)));
  expect(rights(kept)).toEqual(rights(without));
  const changed = now.filter((entry) => !without.some(({ it, result }) => it === entry.it && result === entry.result));
  expect(changed.length).toBeGreaterThan(10);
  expect(now.filter(({ comment, it }) => comment === null && !it.includes('private')).map(name)).toEqual([]);
  expect(now.filter(({ rights }) => rights.some((right) => right.startsWith(' '))).map(name)).toEqual([]);
  for (const { settings, it } of changed)
    expect(settings, it).toEqual([it.includes('(') ? 'search_path=pg_catalog, pg_temp' : 'security_invoker=true']);
  const superuser = await queue.superuser();
  await superuser.rows('begin; set local check_function_bodies = on');
  for (const { it } of changed.filter((entry) => entry.it.includes('(')))
    await superuser.rows((await superuser.value(`select pg_get_functiondef('${it}'::regprocedure)`)) as string);
  await superuser.rows('rollback');
});

/** What of the extension's tables the page moves. */
const BEFORE = `
create table public.steadytext_prompts (id uuid primary key, slug text, description text);
create table public.steadytext_prompt_versions (id uuid, prompt_id uuid, version int, template text, metadata jsonb);
create table public.steadytext_config (key text primary key, value jsonb);
create table public.steadytext_queue (id serial, request_id uuid default gen_random_uuid(), request_type text, prompt text, params jsonb, status text);
insert into public.steadytext_prompts values (md5('1')::uuid, 'greet-somebody', 'A greeting'), (md5('2')::uuid, 'other-one', null);
insert into public.steadytext_prompt_versions
  select gen_random_uuid(), md5(p)::uuid, v, 'Hello {{ name }} ' || v, '{}' from unnest('{1,1,1,2}'::text[], '{2,1,10,1}'::int[]) n (p, v);
insert into public.steadytext_config values ('default_max_tokens', '"64"'), ('cache_enabled', 'false'), ('daemon_auto_start', 'true');
insert into public.steadytext_queue (request_type, prompt, params, status) values
  ('generate', 'waits', '{"max_tokens": 10, "use_cache": true, "seed": 42}', 'pending'), ('generate', 'done', '{}', 'completed'),
  ('embed', null, '{"text_input": "cats"}', 'processing'), ('embed', 'dogs', '{}', 'pending')`;

test('the statements of the page move what they say', async () => {
  const [aside, prompts, requests, again, ...more] = fencedBlocks(
    readText('docs/migrating-from-pg_steadytext.md'),
    'sql',
  );
  expect(more).toEqual([]);
  const superuser = await queue.superuser();
  await superuser.rows(BEFORE);
  await superuser.rows(aside!);
  await superuser.rows(
    'drop table public.steadytext_prompts, public.steadytext_prompt_versions, public.steadytext_config, public.steadytext_queue',
  );
  const admin = await queue.session('admin', ['steadytext_admin']);
  await superuser.rows(`grant usage on schema before_steadytext to steadytext_reader;
    grant select on all tables in schema before_steadytext to steadytext_reader`);
  await admin.rows(prompts!);
  expect(
    await admin.rows('select slug, latest_version_num, description from steadytext_prompt_list() order by 1'),
  ).toEqual([
    { slug: 'greet-somebody', latest_version_num: 3, description: 'A greeting' },
    { slug: 'other-one', latest_version_num: 1, description: null },
  ]);
  expect(await admin.value(`select steadytext_prompt_render('greet-somebody', '{"name": "Ada"}')`)).toBe(
    'Hello Ada 10',
  );
  const settings = `select steadytext_config_get('default_max_tokens') || ' ' || steadytext_config_get('cache_enabled')`;
  expect(await admin.value(settings)).toBe('64 true');
  await admin.rows(`select steadytext_config_reset('default_max_tokens')`);

  const alice = await queue.session('alice');
  await alice.rows(requests!);
  expect(await alice.rows('select request_type, prompt, params from steadytext_requests order by id')).toMatchObject([
    { request_type: 'generate', prompt: 'waits', params: { max_tokens: 10 } },
    { request_type: 'embed', prompt: 'cats' },
    { request_type: 'embed', prompt: 'dogs' },
  ]);
  await alice.rows(
    `create temporary table documents (content text, embedding vector(1024)); insert into documents values ('cats')`,
  );
  await using _ = await answered();
  await alice.rows(again!);
  expect(await alice.value('select vector_dims(embedding) from documents')).toBe(1024);
});

test('it goes without a trace, and comes again', async () => {
  expect(await switched('none')).toMatchObject({ compat: null });
  expect(await catalog()).toEqual(without);
  expect(await migrate({ url: queue.db.superuserUrl, check: true })).toMatchObject({ changed: false, compat: null });
  expect(await switched(LAYER)).toMatchObject({ compat: LAYER });
});

test('it fits into the schema public, where pg_steadytext has been', async () => {
  const place = await emptyDatabase();
  const options = { url: place.ownerUrl, rolePrefix: place.rolePrefix, schema: 'public' };
  await expect(migrate({ ...options, compat: LAYER })).rejects.toMatchObject({
    name: 'InvalidConfiguration',
    message: expect.stringContaining('extension vector'),
  });
  await queue.db.query(
    inDatabase(queue.db.superuserUrl, place.database),
    'create schema v; create extension vector schema v',
  );
  await queue.db.query(inDatabase(queue.db.superuserUrl, place.database), 'grant usage on schema v to public');
  expect(await migrate({ ...options, compat: LAYER })).toMatchObject({ changed: true, compat: LAYER });
  expect(await migrate({ ...options, check: true })).toMatchObject({ changed: false, compat: LAYER });
  await setupSync({ url: place.superuserUrl, schema: 'public', rolePrefix: place.rolePrefix });
  await using worker = await openClient(await place.login(`in role ${place.rolePrefix}steadytext_worker`));
  await using app = await openClient(await place.login(`in role ${place.rolePrefix}steadytext_writer`));
  await using _ = await answered({ worker: async () => new WorkerSession(worker, randomUUID()) });
  const ask = async (query: string) => (await app.query(`select ${query} as it`)).rows[0].it;
  expect(await ask(`pg_typeof(public.steadytext_embed('a cat'))::text`)).toBe('v.vector');
  expect(await ask(`v.vector_dims(st_embed('a cat'))`)).toBe(1024);
  expect(await ask(`steadytext_generate('hello')`)).toBe('HELLO');
  expect(await ask('(select total_entries::int from steadytext_cache_stats())')).toBe(2);
  await expect(ask(`steadytext_generate('')`)).rejects.toThrow('spiexceptions.RaiseException: Prompt cannot be empty');
});
