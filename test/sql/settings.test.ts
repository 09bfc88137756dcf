// Settings in the database: the page about them says what a migrated database has, and a value is what its unit has.

import { expect, test } from 'vitest';
import { tableRows } from '../docs/markdown.ts';
import { readText } from '../house/source-tree.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();
const asSuperuser = (text: string, values?: readonly unknown[]) => database.query(database.superuserUrl, text, values);

const [, section] = readText('docs/configuration.md').split('\n## Settings in the database\n');
const [about, withEffect, without] = section!.split('\n## ')[0]!.split('\n### Those with');

test('docs/configuration.md has a row for each with an effect: its default, its scope and how to choose', async () => {
  const rows = await asSuperuser('select * from steadytext_settings where has_effect order by name');
  const documented = tableRows(withEffect!).toSorted(([a], [b]) => (a! < b! ? -1 : 1));
  expect(documented.map(([name, value, scope]) => [name, value, scope])).toEqual(
    rows.map(({ name, default_value, scope }) => [
      `\`${name}\``,
      default_value === '' ? 'empty' : `\`${default_value}\``,
      scope,
    ]),
  );
  for (const [, , , choice] of documented) expect(choice!.length).toBeGreaterThan(20);
  for (const { description } of rows) expect(description).not.toMatch(/no effect/);
});

test('and names those without one, each with its default, as their descriptions do', async () => {
  const rows = await asSuperuser('select * from steadytext_settings where not has_effect');
  const documented = tableRows(without!).flatMap(([names, defaults, why]) => {
    expect(why).toMatch(/\w.*\.$/);
    return names!.split(', ').map((name, i) => [name, defaults!.split(', ')[i]]);
  });
  const shown = ({ name, default_value }: { name: string; default_value: string }) => [
    `\`${name}\``,
    default_value === '' ? 'empty' : `\`${default_value}\``,
  ];
  expect(documented.toSorted()).toEqual(rows.map((row) => shown(row as never)).toSorted());
  for (const { description } of rows) expect(description).toMatch(/^no effect( yet)?: /);
});

test('each begins with its default, which its unit has', async () => {
  const wrong = await asSuperuser(
    `select name from steadytext_settings where value <> default_value or source <> 'default'
     or not steadytext_private.fits_unit(default_value, unit, lowest, highest, choices)`,
  );
  expect(wrong).toEqual([]);
});

test('every name that the documentation of pg_steadytext sets, and its own configuration has, is one', async () => {
  const names =
    `generation_cache_size embedding_cache_size cache_ttl max_model_memory model_cache_mode enable_model_sharing
    daemon_pool_size daemon_pool_timeout daemon_reconnect_interval enable_input_validation max_input_length max_tokens_limit
    enable_rate_limiting rate_limit_requests_per_minute rate_limit_tokens_per_hour log_level log_queries log_cache_operations
    log_daemon_communication enable_daemon daemon_host daemon_port daemon_timeout enable_fallback enable_monitoring
    max_concurrent_requests queue_max_size worker_pool_size max_memory_per_request cache_memory_target model_memory_limit ha_mode
    ha_sync_cache ha_sync_interval ha_primary_host ha_readonly_cache`.split(/\s+/);
  const ofTheReference = ['cache_enabled', 'cache_eviction_enabled', 'cache_max_entries', 'cache_max_size_mb'].concat([
    'daemon_auto_start',
    'default_max_tokens',
    'default_seed',
  ]);
  const rows = await asSuperuser('select name from steadytext_settings');
  expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining([...names, ...ofTheReference]));
});

test('an administrator changes one by hand as the page shows, and no other login', async () => {
  const [, statement] = about!.match(/`(update steadytext_settings [^`]+)`/)!;
  const admin = await database.login(['steadytext_admin']);
  await database.query(admin, statement!);
  const [row] = await database.query(
    admin,
    "select value, source from steadytext_settings where name = 'queue_retention'",
  );
  expect(row).toEqual({ value: '30 days', source: 'config_set' });
  await expect(database.query(await database.login(['steadytext_writer']), statement!)).rejects.toMatchObject({
    code: '42501',
  });
});

const VALUES = [
  ...['1', '0', '-1', '007', '999999999', '1000000000', '2147483648', '99999999999', ' 1', '1 ', '1.5', '+1', ''],
  ...['1 hour', '60 minutes', '59 minutes', '0 days', '30 days', '30  days', '30 Days', '-30 days', '1 week 2', 'P7D'],
  ...[
    '100 years',
    '1201 months',
    '9999999 years',
    '10000000 days',
    '1ms',
    '0ms',
    '5s',
    '10 s',
    '2h',
    '1d',
    '5 m',
    '3min',
  ],
  ...['512MB', '1 GB', '1048576', '1048575', '1024kB', '1023kB', '512mb', '999TB', '1025TB', '9999999GB'],
  ...[
    '999999999999999kB',
    '999999999999999',
    '9999999999999999',
    'true',
    'false',
    'TRUE',
    'on',
    't',
    'a',
    'b',
    'c',
    'A',
    'a,b',
    '{a}',
  ],
  ...[
    'localhost',
    'db-1.example_x',
    'a b',
    'a;b',
    '::1',
    'x'.repeat(255),
    'x'.repeat(256),
    '65535',
    '65536',
    "a'b",
    'a\nb',
  ],
];

const TAKE = `
create temp table tried (like steadytext.steadytext_settings including defaults including constraints);
create function pg_temp.take(v text, unit text, lowest bigint, highest bigint, choices text[]) returns boolean language plpgsql as $$
begin
  insert into tried (name, value, default_value, unit, description, lowest, highest, choices)
  values ('x', v, '', unit, 'x', lowest, highest, choices);
  return true;
exception when check_violation then
  return false;
end $$`;

const DAYS = ['1 hour', '60 minutes', '30 days', '100 years'];
test.each([
  ['count', 1, 999_999_999, null, ['1', '007', '999999999', '1048576', '1048575', '65535', '65536']],
  ['tokens', 0, 9, null, ['1', '0', '007']],
  ['interval', null, null, null, DAYS],
  ['duration', null, null, null, [...DAYS, '59 minutes', '1ms', '5s', '10 s', '2h', '1d', '3min']],
  [
    'bytes',
    1_048_576,
    2 ** 50,
    null,
    [
      ...['999999999', '1000000000', '2147483648', '99999999999', '512MB', '1 GB', '1048576', '1024kB', '999TB'],
      '999999999999999',
    ],
  ],
  ['boolean', null, null, null, ['true', 'false']],
  ['enumeration', null, null, ['a', 'b'], ['a', 'b']],
  ['host', 0, 2, null, ['1', '0', '-1', '', 't', 'a', 'b', 'c', 'A', 'on', '5s', '2h', '1d']],
  ['port', 1, 65_535, null, ['1', '007', '65535']],
])(
  'a %s from %s to %s is taken where the words say so, and only there',
  async (unit, lowest, highest, choices, taken) => {
    await using client = await database.connect(database.superuserUrl);
    await client.query(TAKE);
    const { rows } = await client.query(
      `select v, pg_temp.take(v, $2, $3, $4, $5) as taken, steadytext_private.fits_unit(v, $2, $3, $4, $5) as fits
     from unnest($1::text[]) v`,
      [VALUES, unit, lowest, highest, choices],
    );
    expect(rows.filter((row) => row.taken !== row.fits)).toEqual([]);
    expect(
      rows
        .filter((row) => row.taken)
        .map(({ v }) => v)
        .toSorted(),
    ).toEqual(taken.toSorted());
  },
);
