// The functions of settings: who may do what, what is written down, and what each mistake is told.

import { expect, test } from 'vitest';
import { fencedBlocks } from '../docs/markdown.ts';
import { readText } from '../house/source-tree.ts';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();
const boss = () => queue.session('boss', ['steadytext_admin']);

test('an administrator sets, lists and resets, and each change is in the audit log', async () => {
  const admin = await boss();
  const name = await admin.value('select session_user::text');
  await admin.rows(`select steadytext_config_set('steadytext.Max_Documents', '7')`);
  await admin.rows(`select steadytext_config_set('max_documents', '7')`);
  await admin.rows(`select steadytext_config_set('log_queries', 'ON')`);
  await admin.rows(`select steadytext_config_set('log_queries', '1')`);
  expect(await admin.value(`select steadytext_config_get('STEADYTEXT.max_documents')`)).toBe('7');
  expect(await admin.rows(`select * from steadytext_config_list() where source <> 'default'`)).toEqual([
    expect.objectContaining({ name: 'log_queries', value: 'true', default_value: 'false', allowed: 'true or false' }),
    {
      name: 'max_documents',
      value: '7',
      unit: 'count',
      default_value: '1000',
      scope: 'admin',
      source: 'config_set',
      description: 'most documents of one rerank request',
      allowed: 'a whole number from 1 to 999999999',
    },
  ]);
  expect(await refusal(admin, `select steadytext_rerank_async('q', array_fill('x'::text, array[8]))`)).toMatchObject({
    message: 'Documents should be at most 7, but are 8',
  });
  expect(await admin.value(`select steadytext_config_reset('max_documents')`)).toBe('1000');
  expect(await admin.value(`select steadytext_config_reset('steadytext.log_queries')`)).toBe('false');
  expect(await admin.rows(`select name from steadytext_config_list() where source <> 'default'`)).toEqual([]);
  const audited = await admin.rows(
    `select parameters from steadytext_audit_log where event_type = 'setting_changed' order by id`,
  );
  const row = (setting: string, before: string, after: string, source: string) => ({
    parameters: { setting, before, after, source, asked_by: name },
  });
  expect(audited).toEqual([
    row('max_documents', '1000', '7', 'config_set'),
    row('log_queries', 'false', 'true', 'config_set'),
    row('max_documents', '7', '1000', 'default'),
    row('log_queries', 'true', 'false', 'default'),
  ]);
});

test('the value that there is already becomes the administrator’s, and says so once', async () => {
  const admin = await boss();
  for (let i = 0; i < 2; i++) await admin.rows(`select steadytext_config_set('max_documents', '1000')`);
  expect(await admin.value(`select source from steadytext_settings where name = 'max_documents'`)).toBe('config_set');
  expect(await admin.value('select count(*)::int from steadytext_audit_log')).toBe(1);
  await admin.rows(`select steadytext_config_reset('max_documents')`);
});

test('by hand the value that there is already, in other words too, is no change', async () => {
  const admin = await boss();
  await admin.rows(`update steadytext_settings set value = upper(value) where unit in ('boolean', 'enumeration')`);
  expect(await admin.rows(`select name from steadytext_settings where source <> 'default'`)).toEqual([]);
  expect(await admin.value('select count(*)::int from steadytext_audit_log')).toBe(0);
});

test('of a name that nothing reads, setting it says so', async () => {
  const admin = await boss();
  const notices: (string | undefined)[] = [];
  admin.client.on('notice', ({ message }) => notices.push(message));
  await admin.rows(`select steadytext_config_set('queue_max_size', '5'), steadytext_config_set('max_documents', '5')`);
  expect(notices).toEqual(['queue_max_size is kept, but nothing reads it in this release']);
  await admin.rows(`select steadytext_config_reset('queue_max_size'), steadytext_config_reset('max_documents')`);
});

test('readers and writers read; only administrators set, reset or sync, and nobody else reads', async () => {
  const reads = [
    `steadytext.steadytext_config_get('max_documents')`,
    'count(*) from steadytext.steadytext_config_list()',
  ];
  const writes = [
    `steadytext.steadytext_config_set('max_documents', '5')`,
    `steadytext.steadytext_config_reset('max_documents')`,
    'count(*) from steadytext.steadytext_config_sync()',
  ];
  for (const role of ['steadytext_reader', 'steadytext_writer', 'steadytext_worker', 'steadytext_auditor']) {
    const session = await queue.session(role, [role]);
    for (const write of writes) expect(await refusal(session, `select ${write}`)).toMatchObject({ code: '42501' });
    for (const read of reads) {
      if (/reader|writer/.test(role)) await session.rows(`select ${read}`);
      else expect(await refusal(session, `select ${read}`)).toMatchObject({ code: '42501' });
    }
  }
  const admin = await boss();
  for (const call of [...reads, ...writes.slice(2)]) await admin.rows(`select ${call}`);
});

type Case = readonly [call: string, code: string, message: string, hint: string | RegExp];
const CASES: readonly Case[] = [
  [
    `set('max_document', '5')`,
    'ST004',
    'config_key should be the name of a setting, but is "max_document"',
    'Did you mean max_documents? steadytext_config_list() has all names.',
  ],
  [`get('cache_tll')`, 'ST004', 'config_key should be the name of a setting, but is "cache_tll"', /mean cache_ttl\?/],
  [`reset('steadytext.hamode')`, 'ST004', /.*is "steadytext.hamode"$/.source, /mean ha_mode\?/],
  [`get('%$')`, 'ST004', 'config_key should be the name of a setting, but is "%$"', /^steadytext_config_list\(\)/],
  [`get('')`, 'ST004', 'config_key should be the name of a setting, but is ""', /^steadytext_config_list\(\)/],
  [`get(null)`, 'ST004', 'config_key should be the name of a setting, but is null', /^steadytext_config_list\(\)/],
  [`reset(null)`, 'ST004', 'config_key should be the name of a setting, but is null', /all names/],
  [
    `get(repeat('max_', 9999))`,
    'ST004',
    `config_key should be the name of a setting, but is "${'max_'.repeat(25).slice(0, 99)}`,
    /./,
  ],
  [
    `set('max_documents', null)`,
    'ST004',
    'max_documents should be a whole number from 1 to 999999999, but is null',
    /digits/,
  ],
  [
    `set('max_documents', '1e3')`,
    'ST004',
    'max_documents should be a whole number from 1 to 999999999, but is "1e3"',
    /digits/,
  ],
  [
    `set('default_seed', '-1')`,
    'ST004',
    'default_seed should be a whole number from 0 to 2147483647, but is "-1"',
    /digits/,
  ],
  [
    `set('queue_retention', 'P7D')`,
    'ST004',
    'queue_retention should be a number and a unit, from 1 hour to 100 years, but is "P7D"',
    /like 30 days/,
  ],
  [
    `set('cache_ttl', '0s')`,
    'ST004',
    'cache_ttl should be a number and a unit, from 1ms to 100 years, but is "0s"',
    /like 5s/,
  ],
  [
    `set('model_memory_limit', '8gb')`,
    'ST004',
    'model_memory_limit should be a size from 0MB to 1024TB, but is "8gb"',
    /512MB/,
  ],
  [`set('log_queries', 'maybe')`, 'ST004', 'log_queries should be true or false, but is "maybe"', /on and off/],
  [
    `set('log_level', 'loud')`,
    'ST004',
    'log_level should be debug, info, warn or error, but is "loud"',
    /one of these/,
  ],
  [`set('daemon_host', 'a;b')`, 'P0001', 'Invalid host format', /daemon_host should be .*, but is "a;b"\.$/],
  [`set('daemon_host', '')`, 'P0001', 'Invalid host format', /of 1 to 255/],
  [`set('daemon_host', null)`, 'P0001', 'Invalid host format', /but is null\.$/],
  [`set('daemon_port', '70000')`, 'P0001', 'Invalid port format', /from 1 to 65535, but is "70000"\.$/],
  [`set('daemon_port', '55 55')`, 'P0001', 'Invalid port format', /from 1 to 65535/],
];

test.each(CASES)('steadytext_config_%s is refused with %s', async (call, code, message, hint) => {
  const admin = await boss();
  const refused = await refusal(admin, `select steadytext_config_${call}`);
  expect(refused).toMatchObject({
    code,
    hint: expect.stringMatching(typeof hint === 'string' ? hint.replace(/[?()]/g, '\\$&') : hint),
  });
  if (message.startsWith('.*')) expect(refused.message).toMatch(new RegExp(message));
  else expect(refused.message).toBe(message);
  expect(await admin.value('select count(*)::int from steadytext_audit_log')).toBe(0);
});

test('the statements of docs/configuration.md do what it says', async () => {
  const [, section] = readText('docs/configuration.md').split('\n## Settings in the database\n');
  const [changes, own] = fencedBlocks(section!.split('\n## ')[0]!, 'sql');
  const admin = await boss();
  const [set, get, list, reset] = changes!.trim().split('\n');
  await admin.rows(set!);
  expect(await admin.value(get!)).toBe('30 days');
  expect(await admin.rows(list!)).toEqual([
    {
      name: 'queue_retention',
      value: '30 days',
      allowed: 'a number and a unit, from 1 hour to 100 years',
      source: 'config_set',
    },
  ]);
  expect(await admin.value(reset!)).toBe('7 days');
  const alice = await queue.session('alice');
  for (const statement of own!.trim().split('\n')) await alice.rows(statement);
  expect(await alice.value('select params from steadytext_requests')).toMatchObject({ max_tokens: 64, seed: 7 });
  await alice.rows(`select steadytext_embed_async('x')`);
  expect(await alice.value('select params from steadytext_requests order by id desc limit 1')).toMatchObject({
    seed: 42,
  });
});
