// A database as an earlier release left it: what it holds is taken over, and nothing of it stops migrate.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { migrate } from '../../workers/queue/migrate/migrate.ts';
import { openClient, runAs } from '../support/database.ts';
import { emptyDatabase, type Place } from './world.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** This release without the migrations after the given one, and with other files of sql/ where told. */
function earlier(newest: number, changes: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'steadytext-earlier-'));
  folders.push(root);
  for (const folder of ['migrations', 'sql']) cpSync(join(ROOT, folder), join(root, folder), { recursive: true });
  for (const name of readdirSync(join(root, 'migrations')))
    if (Number(name.slice(0, 4)) > newest) rmSync(join(root, 'migrations', name));
  if (newest < 29) readTables(root);
  if (newest < 32) withoutRegistry(root);
  if (newest < 33) without(root, CACHE);
  if (newest < 34) without(root, PROMPTS);
  if (newest < 39) without(root, MONITORING);
  if (newest < 41) without(root, WRITE_BACKS);
  if (newest < 35) without(root, STANDBYS);
  if (newest < 43) withoutSeals(root);
  for (const [path, text] of Object.entries(changes)) writeFileSync(join(root, path), text);
  return root;
}

const DEAD_LETTERS = `create or replace view @extschema@.steadytext_dead_letter_queue with (security_invoker = true) as
  select id, request_id, user_id, request_type, model, prompt, params, priority, error, retry_count, max_retries, created_at,
         completed_at as failed_at, daemon_endpoint
  from @extschema@.steadytext_queue where status = 'failed';`;

/** Before readers had views of their own they read the tables. */
function readTables(root: string): void {
  for (const name of ['requests', 'usage', 'own_counts']) rmSync(join(root, `sql/views/steadytext_${name}.sql`));
  writeFileSync(join(root, 'sql/views/steadytext_dead_letter_queue.sql'), DEAD_LETTERS);
  const grants = join(root, 'sql/grants/steadytext_reader.sql');
  const text = readFileSync(grants, 'utf8').replace('.steadytext_requests', '.steadytext_queue');
  writeFileSync(grants, text.replace(/@extschema@\.steadytext_(usage|own_counts),/g, ''));
}

/** What needs the tables of a later migration as soon as it is made: files, and what grants name. */
const CACHE = {
  files: ['views/cache_states', 'views/cache_totals', 'views/steadytext_cache', 'views/cache_performance'].concat([
    'views/eviction_history',
    'policies/cache_admin_rows',
  ]),
  names:
    /^(cache_totals|steadytext_cache|cache_performance|eviction_history|steadytext_cache_entries|steadytext_eviction_log)$/,
};
const PROMPTS = {
  files: [
    'policies/prompts_shared_rows',
    'policies/prompt_versions_shared_rows',
    'private/find_prompt',
    'private/add_prompt_version',
  ],
  names: /^(steadytext_prompts|steadytext_prompt_versions|find_prompt|add_prompt_version)$/,
};
const SEALS = {
  files: [
    ...['add_audit_seal', 'audit_seal_hash', 'begin_audit_epoch', 'seal_finished', 'seal_found', 'seal_rows'].map(
      (name) => `private/${name}`,
    ),
    ...['private/verify_seal', 'private/verify_sealed_rows', 'policies/erasures_all_rows'],
    ...['triggers/audit_seals_refuse_change', 'triggers/audit_seals_refuse_truncate'],
  ],
  names: /^(steadytext_audit_seals|steadytext_erasures|verify_seal|verify_sealed_rows|audit_seal_hash)$/,
};
const MONITORING = {
  files: ['request_totals', 'present_sums', 'steadytext_function_stats', 'steadytext_performance_metrics'].map(
    (view) => `views/${view}`,
  ),
  names: /^(present_sums|steadytext_function_stats|steadytext_performance_metrics)$/,
};
const WRITE_BACKS = { files: ['views/steadytext_write_backs'], names: /^steadytext_write_backs$/ };

/** Its key came with the side channel. */
const STANDBYS = { files: ['views/caller_proof'], names: /^caller_proof$/ };

function without(root: string, { files, names }: { readonly files: readonly string[]; readonly names: RegExp }): void {
  for (const file of files) rmSync(join(root, `sql/${file}.sql`));
  for (const name of readdirSync(join(root, 'sql/grants'))) {
    const path = join(root, 'sql/grants', name);
    const text = readFileSync(path, 'utf8').replaceAll(/^--.*$/gm, '');
    const left = text.replaceAll(
      /(grant [^;]*?\son(?: function| schema)?\s)([^;]*?)(\sto\s[^;]*;)/g,
      (_, head, list, tail) => {
        const items = (list as string).split(',').filter((item) => !names.test(item.trim().replace(/^.*\./, '')));
        return items.length === 0 ? '' : `${head}${items.join(',')}${tail}`;
      },
    );
    writeFileSync(path, left);
  }
}

/** Before audit rows had salts, and seals. */
function withoutSeals(root: string): void {
  without(root, SEALS);
  const path = join(root, 'sql/private/write_audit_row.sql');
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace('xid, salt, digest', 'xid, digest').replace('v_xid, v_salt,', 'v_xid,'),
  );
}

/** Before settings knew their source and their bounds, and before there were defaults of requests among them. */
function withoutRegistry(root: string): void {
  const change = (path: string, edit: (text: string) => string) =>
    writeFileSync(join(root, path), edit(readFileSync(join(root, path), 'utf8')));
  const defaults: Readonly<Record<string, string>> = {
    default_max_tokens: '512',
    default_seed: '42',
    enable_input_validation: 'false',
    cache_enabled: 'false',
  };
  change('sql/triggers/settings_note_setting.sql', (text) => text.replace(/ or old\.source.*?\)/, ')'));
  change('sql/private/enqueue_facts.sql', (text) =>
    text
      .replace(' where t.has_effect', '')
      .replace(/default_dimension := [^;]*;/, 'default_dimension := null;')
      .replaceAll(/max\(t\.value\) filter \(where t\.name = '(\w+)'\)::\w+/g, (found, name) => defaults[name] ?? found),
  );
}

const optionsAt = (place: Place) => ({ url: place.ownerUrl, rolePrefix: place.rolePrefix });

async function installed(root: string): Promise<Place> {
  const place = await emptyDatabase();
  await migrate({ ...optionsAt(place), root });
  return place;
}

async function writer(place: Place): Promise<string> {
  const url = await place.login(`in role ${place.rolePrefix}steadytext_writer`);
  await runAs(place.superuserUrl, [`grant connect on database ${place.database} to ${new URL(url).username}`]);
  return url;
}

async function ask(url: string, text: string): Promise<unknown> {
  await using client = await openClient(url);
  return Object.values((await client.query(text)).rows[0])[0];
}

const FILL = [
  `insert into steadytext.steadytext_queue (request_id, user_id, request_type, model, prompt, result, error, session_id, idempotency_key,
     status, runnable, completed_at, embedding)
   select gen_random_uuid(), 7, 'generate', 'm', 'the secret word', 'the secret word', 'the secret word', 'the secret word', 'k' || g,
     'completed', false, now(), '{0.5}' from generate_series(1, 1000) g`,
  `insert into steadytext.steadytext_request_log (requested_at, user_id, request_id, request_type, model, outcome, tokens_used, queue_wait_ms,
     retry_count) select now(), 7, gen_random_uuid(), 'generate', 'm', 'completed', 0, 0, 0 from generate_series(1, 1000) g`,
  `insert into steadytext.steadytext_users (role_name, role_oid, weight) select 'u' || g, 100000 + g, 5 from generate_series(1, 1000) g`,
  'analyze',
];
/** What still says something of texts, labels, keys, or of whose each row is. */
const SAMPLES = `select tablename, attname from pg_stats s
  join pg_attribute a using (attname) join pg_class c on c.oid = a.attrelid and c.relname = s.tablename
  where schemaname ~ 'steadytext' and tablename ~ '^steadytext_(queue|users|request_log)' and a.attname not in ('status', 'outcome')
  and (a.atttypid in ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype, 'real[]'::regtype, 'inet'::regtype)
       or a.attname in ('user_id', 'role_oid', 'weight') and c.relname || a.attname <> 'steadytext_usersuser_id')`;
const rowsOf = async (url: string, condition: string, view = 'steadytext_requests') => {
  const plan = (await ask(url, `explain (format json) select from steadytext.${view} where ${condition}`)) as {
    Plan: { 'Plan Rows': number };
  }[];
  return plan[0]!.Plan['Plan Rows'];
};

async function sampled(): Promise<Place> {
  const place = await installed(earlier(26));
  await runAs(place.superuserUrl, FILL);
  return place;
}

test('samples of texts that the planner has kept are gone, and stay so', async () => {
  const place = await sampled();
  const bob = await writer(place);
  const known = `prompt = 'the secret word'`;
  const unknown = `prompt = 'not a word of it'`;
  const table = 'steadytext_queue';
  expect(await rowsOf(bob, known, table)).toBeGreaterThan(await rowsOf(bob, unknown, table));
  const where = `select pg_relation_filenode('steadytext.steadytext_queue')`;
  const before = await place.ask(where);
  expect(await migrate(optionsAt(place))).toMatchObject({ changed: true });
  // The table is not a reader's any more, and no row was written anew.
  await expect(rowsOf(bob, known, table)).rejects.toMatchObject({ code: '42501' });
  expect(await place.ask(where)).toEqual(before);
  for (const moment of ['then', 'analyzed again']) {
    expect(await place.ask(SAMPLES), moment).toEqual([]);
    expect(await rowsOf(bob, known), moment).toBe(await rowsOf(bob, unknown));
    await place.ask('analyze');
  }
  const external = `select attname from pg_attribute where attrelid = 'steadytext.steadytext_queue'::regclass and attstorage = 'e'`;
  expect(await place.ask(external)).toEqual([{ attname: 'embedding' }, { attname: 'embeddings' }]);
  expect(await migrate({ ...optionsAt(place), check: true })).toMatchObject({ changed: false, drift: [], foreign: [] });
});

test.each([
  ['a view of the requests', 'create view public.mine as select prompt from steadytext.steadytext_queue'],
  [
    'a view of the dead letters',
    'create view public.mine as select prompt from steadytext.steadytext_dead_letter_queue',
  ],
  ['a policy', 'create policy mine on steadytext.steadytext_queue as restrictive using (user_id > 0)'],
])('%s that keeps them there is named, with two ways on', async (_, statement) => {
  for (const way of ['drop', 'delete']) {
    const place = await sampled();
    await place.ask(statement);
    const refusal = await migrate(optionsAt(place)).catch((error: unknown) => error as Error);
    expect(refusal).toMatchObject({ name: 'StatementFailed', message: expect.stringMatching(/\bmine\b/) });
    const deletion = /delete from pg_statistic .*'::regrole\)/.exec((refusal as Error).message)![0];
    const kind = statement.split(' ')[1]!;
    const drop = kind === 'view' ? 'drop view public.mine' : 'drop policy mine on steadytext.steadytext_queue';
    await place.ask(way === 'drop' ? drop : deletion);
    expect(await migrate(optionsAt(place))).toMatchObject({ changed: true });
    expect(await place.ask(SAMPLES)).toEqual([]);
  }
});

test('without samples nothing of others is in its way', async () => {
  const place = await installed(earlier(26));
  await place.ask('create view public.mine as select prompt from steadytext.steadytext_dead_letter_queue');
  expect(await migrate(optionsAt(place))).toMatchObject({ changed: true });
});

test('an embedding asked for with a key gives the same id, also where there was no on_long_text yet', async () => {
  const place = await installed(earlier(26));
  const alice = await writer(place);
  const call = `select steadytext.steadytext_embed_async('key 3', idempotency_key => 'k3')`;
  const id = await ask(alice, call);
  await place.ask(`update steadytext.steadytext_queue set call_digest = null, params = params - 'on_long_text'`);
  await migrate(optionsAt(place));
  expect(await ask(alice, call)).toBe(id);
  const other = call.replace(`'key 3'`, `'key 3', on_long_text => 'average'`);
  await expect(ask(alice, other)).rejects.toMatchObject({ code: 'ST005' });
});

test('settings keep what an administrator set them to, say that it was one, and come back whole', async () => {
  const place = await installed(earlier(31));
  await place.ask(`set session_replication_role = replica;
    update steadytext.steadytext_settings set value = '30 days' where name = 'queue_retention';
    delete from steadytext.steadytext_settings where name = 'max_documents';
    update steadytext.steadytext_settings set value = '999999999' where name = 'max_input_length';
    insert into steadytext.steadytext_settings (name, value, unit, description) values ('own', '5', 'count', 'of somebody')`);
  await migrate(optionsAt(place));
  const changed = await place.ask(
    `select name, value, default_value, source from steadytext.steadytext_settings where source <> 'default' or name = 'own' order by 1`,
  );
  expect(changed).toEqual([
    { name: 'max_input_length', value: '999999999', default_value: '100000', source: 'config_set' },
    { name: 'own', value: '5', default_value: '5', source: 'default' },
    { name: 'queue_retention', value: '30 days', default_value: '7 days', source: 'config_set' },
  ]);
  const rows = 'select * from steadytext.steadytext_settings order by name';
  const before = await place.ask(rows);
  await place.ask(`delete from steadytext.steadytext_settings where name in ('queue_retention', 'log_level')`);
  const { drift } = await migrate(optionsAt(place));
  expect(drift.toSorted()).toEqual(['setting log_level: is missing', 'setting queue_retention: is missing']);
  expect(await place.ask(rows)).toEqual(before);
  await place.ask(`select steadytext.steadytext_config_reset('queue_retention')`);
  const [after] = await place.ask(`select steadytext.steadytext_config_get('queue_retention') as value`);
  expect(after).toEqual({ value: '7 days' });
  expect(await migrate({ ...optionsAt(place), check: true })).toMatchObject({ changed: false, drift: [], foreign: [] });
});

const BEHIND = 'sql/private/users_behind.sql';
const OLD_BEHIND = `
create or replace function @privschema@.users_behind(p_worker_id uuid, p_request_type text, p_model text, p_most int)
returns int[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select array[]::int[] $$;
revoke all on function @privschema@.users_behind from public;
comment on function @privschema@.users_behind is 'As it was.';`;

test('a function that gave something else is made anew', async () => {
  const place = await installed(earlier(25, { [BEHIND]: OLD_BEHIND }));
  expect((await migrate(optionsAt(place))).files).toContain(BEHIND);
  expect(await migrate({ ...optionsAt(place), check: true })).toMatchObject({ changed: false, drift: [], foreign: [] });
});
