// Where a setting's value may come from: what is an administrator's never from a session, and what ALTER DATABASE says in its order.

import { expect, onTestFinished, test } from 'vitest';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();
const boss = () => queue.session('boss', ['steadytext_admin']);

/** A login's address with options of the connection, as PGOPTIONS gives them. */
function withOptions(url: string, settings: Readonly<Record<string, string>>): string {
  const there = new URL(url);
  const options = Object.entries(settings).map(([name, value]) => `-c steadytext.${name}=${value}`);
  there.searchParams.set('options', options.join(' '));
  return there.href;
}

async function alterDatabase(change: string): Promise<void> {
  await (await queue.superuser()).rows(`alter database ${queue.db.name} ${change}`);
}

const sync = async () => await (await boss()).rows('select * from steadytext_config_sync()');

const HOSTILE = {
  max_input_length: '1',
  max_request_bytes: '1',
  max_batch_bytes: '1',
  max_batch_size: '1',
  max_documents: '1',
  max_tokens_limit: '999999',
  enable_input_validation: 'true',
  audit_full_text: 'true',
  cache_enabled: 'none',
  cache_ttl: 'none',
  cache_eviction_enabled: 'none',
  cache_eviction_strategy: 'none',
  cache_max_entries: '0',
  cache_memory_target: '0',
  generation_cache_size: '0',
  embedding_cache_size: '0',
  reranking_cache_size: '0',
  sync_wait_seconds: '0',
  enable_monitoring: 'none',
  enable_fallback: 'none',
  log_level: 'none',
  log_queries: 'none',
  log_cache_operations: 'none',
  log_daemon_communication: 'none',
  enable_daemon: 'false',
  max_model_memory: '1',
  model_memory_limit: '1',
  max_memory_per_request: '1',
  ha_mode: 'none',
  ha_primary_host: 'a,b',
  ha_readonly_cache: 'none',
  queue_retention: 'none',
  request_log_retention: 'none',
  audit_log_retention: 'none',
};

test.each(['SET', 'PGOPTIONS', 'ALTER ROLE'])('by %s nothing of what is an administrator’s changes', async (way) => {
  const superuser = await queue.superuser();
  const scopes = await superuser.rows(`select name from steadytext_settings where scope = 'admin' and has_effect`);
  expect(Object.keys(HOSTILE).toSorted(), 'each with an effect is tried').toEqual(
    scopes.map(({ name }) => name).toSorted(),
  );
  const url = await queue.db.login(['steadytext_writer']);
  const role = new URL(url).username;
  if (way === 'ALTER ROLE')
    for (const [name, value] of Object.entries(HOSTILE)) {
      await superuser.rows(`alter role ${role} set steadytext.${name} = '${value}'`);
      await superuser.rows(`alter role ${role} in database ${queue.db.name} set steadytext.${name} = '${value}'`);
    }
  await using client = await queue.db.connect(way === 'PGOPTIONS' ? withOptions(url, HOSTILE) : url);
  if (way === 'SET')
    for (const [name, value] of Object.entries(HOSTILE)) await client.query(`set steadytext.${name} = '${value}'`);
  expect((await client.query('show steadytext.max_tokens_limit')).rows).toEqual([
    { 'steadytext.max_tokens_limit': '999999' },
  ]);
  await client.query(`select steadytext_generate_async('drop table people')`);
  await client.query(`select steadytext_embed_batch_async(array['four', 'five'])`);
  await client.query(`select steadytext_rerank_async('query', array['four', 'five'])`);
  await expect(client.query(`select steadytext_generate_async('x', 4097)`)).rejects.toMatchObject({ code: 'P0001' });
  const { rows } = await client.query(`select steadytext_config_get('max_tokens_limit') as it`);
  expect(rows).toEqual([{ it: '4096' }]);
  await client.query('select count(*) from steadytext_config_list()');
  // Nor by whoever takes the database's over: a session of the worker, and an administrator.
  const worker = await queue.db.connect(withOptions(queue.db.workerUrl, HOSTILE));
  try {
    await worker.query(
      'select steadytext_private.prune_requests(), steadytext_private.drop_partitions(), steadytext_private.tend_cache(), steadytext_private.fold_tallies(0)',
    );
    await worker.query('select * from steadytext_private.mirror_settings()');
    await worker.query('select * from steadytext_private.log_settings()');
  } finally {
    await worker.end();
  }
  expect(await sync()).toEqual([]);
  expect(await superuser.value('select count(*)::int from steadytext_settings where value <> default_value')).toBe(0);
});

test('what is the user’s comes from the session, checked, and bounded by what is not', async () => {
  const superuser = await queue.superuser();
  const url = await queue.db.login(['steadytext_writer']);
  const paramsOf = async (at: string, ...statements: string[]) => {
    await using client = await queue.db.connect(at);
    for (const statement of statements) await client.query(statement);
    return (await client.query('select params from steadytext_requests order by id desc limit 1')).rows[0].params;
  };
  const generate = `select steadytext_generate_async('x')`;
  const insert = `insert into steadytext_queue (prompt, request_type) values ('x', 'generate')`;
  const options = withOptions(url, { default_max_tokens: '9', default_seed: '0' });
  for (const call of [generate, insert, `select steadytext_generate_batch_async(array['x'])`])
    expect(await paramsOf(options, call)).toMatchObject({ max_tokens: 9, seed: 0 });
  expect(await paramsOf(options, `select steadytext_generate_async('x', 5, seed => 6)`)).toMatchObject({
    max_tokens: 5,
    seed: 6,
  });
  const taken = `select steadytext_generate_choice_async('x', array['a', 'bcd'])`;
  expect(await paramsOf(options, taken)).toMatchObject({ max_tokens: 3, seed: 0 });
  expect(await paramsOf(options, `select steadytext_rerank_async('x', array['a'])`)).toMatchObject({ seed: 0 });
  expect(await paramsOf(options, 'reset all', `set steadytext.default_seed = ''`, generate)).toMatchObject({
    seed: 42,
  });
  expect(await paramsOf(url, 'set steadytext.default_max_tokens = 999999', generate)).toMatchObject({
    max_tokens: 4096,
  });
  expect(await paramsOf(url, 'begin; set local steadytext.default_seed = 5; commit', generate)).toMatchObject({
    seed: 42,
  });
  await superuser.rows(`alter role ${new URL(url).username} set steadytext.default_seed = 8`);
  expect(await paramsOf(url, generate)).toMatchObject({ seed: 8, max_tokens: 512 });

  const admin = await boss();
  await admin.rows(
    `select steadytext_config_set('default_max_tokens', '33'), steadytext_config_set('default_seed', '1')`,
  );
  expect(await paramsOf(url, generate)).toMatchObject({ seed: 8, max_tokens: 33 });
  await admin.rows(`select steadytext_config_reset('default_max_tokens'), steadytext_config_reset('default_seed')`);
});

test.each([
  ['default_seed', '-1', 'a whole number from 0 to 2147483647'],
  ['default_seed', '2147483648', 'a whole number from 0 to 2147483647'],
  ['default_seed', 'x', 'a whole number from 0 to 2147483647'],
  ['default_max_tokens', '0', 'a whole number from 1 to 999999999'],
  ['default_max_tokens', '1.5', 'a whole number from 1 to 999999999'],
])('a session’s %s of %s is refused by the call', async (name, value, expected) => {
  const alice = await queue.session('alice');
  await alice.rows(`set steadytext.${name} = '${value}'`);
  expect(await refusal(alice, `select steadytext_generate_async('x')`)).toEqual({
    code: 'ST004',
    message: `steadytext.${name} should be ${expected}, but is "${value}"`,
    hint: expect.stringContaining(`reset steadytext.${name}`),
  });
  await alice.rows(`reset steadytext.${name}`);
  await alice.rows(`select steadytext_generate_async('x')`);
});

test('ALTER DATABASE is taken over, told by name, and comes behind config_set', async () => {
  const admin = await boss();
  await admin.rows(`select steadytext_config_set('max_documents', '10')`);
  const said = {
    'steadytext.max_tokens_limit': '2048',
    '"steadytext.Max_Batch_Size"': '7',
    'steadytext.enable_rate_limiting': 'on',
    'steadytext.log_level': 'loud',
    'steadytext.max_documents': '20',
    'steadytext.max_input_lenght': '5',
    'steadytext.daemon_port': '0',
    'steadytext.cache_ttl': '7 days',
  };
  onTestFinished(() => unsay());
  const unsay = async () => {
    for (const name of Object.keys(said)) await alterDatabase(`reset ${name}`);
    await sync();
  };
  for (const [name, value] of Object.entries(said)) await alterDatabase(`set ${name} = '${value}'`);
  const taken = [
    { name: 'cache_ttl', value: '7 days', outcome: 'applied', detail: null },
    {
      name: 'daemon_port',
      value: '5555',
      outcome: 'refused',
      detail: 'daemon_port should be a whole number from 1 to 65535, but is "0".',
    },
    { name: 'enable_rate_limiting', value: 'true', outcome: 'applied', detail: 'Nothing reads it in this release.' },
    {
      name: 'log_level',
      value: 'info',
      outcome: 'refused',
      detail: 'log_level should be debug, info, warn or error, but is "loud".',
    },
    { name: 'max_batch_size', value: '7', outcome: 'applied', detail: null },
    {
      name: 'max_documents',
      value: '10',
      outcome: 'kept',
      detail: `steadytext_config_set said 10, which counts until steadytext_config_reset('max_documents').`,
    },
    {
      name: 'max_input_lenght',
      value: null,
      outcome: 'unknown',
      detail: 'There is no setting of this name; did you mean max_input_length?',
    },
    { name: 'max_tokens_limit', value: '2048', outcome: 'applied', detail: null },
  ];
  expect(await sync()).toEqual(taken);
  const again = taken.map((row) => (row.outcome === 'applied' ? { ...row, outcome: 'unchanged', detail: null } : row));
  expect(await sync()).toEqual(again);
  expect(await refusal(admin, `select steadytext_generate_async('x', 2049)`)).toMatchObject({
    message: 'max_tokens must be between 1 and 2048',
  });
  const audited = `select count(*)::int from steadytext_audit_log where parameters ->> 'source' = 'database'`;
  expect(await admin.value(audited)).toBe(4);

  expect(await admin.value(`select steadytext_config_reset('max_documents')`)).toBe('20');
  await admin.rows(`select steadytext_config_set('max_tokens_limit', '100')`);
  await alterDatabase('set steadytext.max_tokens_limit = 3000');
  await alterDatabase('reset "steadytext.max_batch_size"');
  const left = (await sync()).map(({ name, value, outcome }) => [name, value, outcome]);
  expect(left).toEqual(
    expect.arrayContaining([
      ['max_tokens_limit', '100', 'kept'],
      ['max_batch_size', '10000', 'reset'],
      ['max_documents', '20', 'unchanged'],
    ]),
  );
  expect(await admin.value(`select steadytext_config_reset('max_tokens_limit')`)).toBe('3000');
  await unsay();
  expect(await admin.rows(`select name from steadytext_settings where source <> 'default'`)).toEqual([]);
});

test('an owner of the database who is no superuser needs a grant for it, which the page names', async () => {
  const superuser = await queue.superuser();
  await using owner = await queue.db.connect(queue.db.adminUrl);
  const set = `alter database ${queue.db.name} set steadytext.max_documents = 30`;
  await expect(owner.query(set)).rejects.toMatchObject({ code: '42501' });
  const name = new URL(queue.db.adminUrl).username;
  await superuser.rows(`grant set on parameter steadytext.max_documents to ${name}`);
  try {
    await owner.query(set);
    expect(await sync()).toMatchObject([{ name: 'max_documents', value: '30', outcome: 'applied' }]);
  } finally {
    await alterDatabase('reset steadytext.max_documents');
    await superuser.rows(`revoke set on parameter steadytext.max_documents from ${name}`);
  }
  expect(await sync()).toMatchObject([{ name: 'max_documents', value: '1000', outcome: 'reset' }]);
});
