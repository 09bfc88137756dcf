// ALTER SYSTEM: what an administrator's login reads of the server's files, and where it comes among the other sources.
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { configSync } from '../../workers/queue/config-sync.ts';
import { runCommand } from '../cli/world.ts';
import { openClient, runAs } from '../support/database.ts';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();
const NAMES = [
  'max_documents',
  'max_batch_size',
  'max_tokens_limit',
  'cache_ttl',
  'max_input_lenght',
  'daemon_timeout',
];

/** In a session of its own that knows the name: 15 and 16 refuse it otherwise. Sessions see nothing of it without a reload. */
async function alterSystem(name: string, value: string | null): Promise<void> {
  const change = value === null ? `reset steadytext.${name}` : `set steadytext.${name} = '${value}'`;
  await runAs(queue.db.superuserUrl, [`set steadytext.${name} = 'x'`, `alter system ${change}`]);
}

afterAll(async () => {
  for (const name of NAMES) await alterSystem(name, null);
});

const boss = () => queue.session('boss', ['steadytext_admin']);
const sync = async (url = queue.db.superuserUrl) =>
  (await configSync({ url })).map(({ name, value, outcome }) => [name, value, outcome]);
const source = async (name: string) =>
  (await (await boss()).rows('select value, source from steadytext_config_list() where name = $1', [name]))[0];

test('it is taken over by a superuser’s login, behind ALTER DATABASE and config_set, and goes when it is reset', async () => {
  const admin = await boss();
  const database = async (change: string) =>
    await (await queue.superuser()).rows(`alter database ${queue.db.name} ${change}`);
  onTestFinished(() => database('reset steadytext.max_batch_size').then(() => undefined));
  await admin.rows(`select steadytext_config_set('max_tokens_limit', '100')`);
  await database('set steadytext.max_batch_size = 7');
  await alterSystem('max_documents', '5');
  await alterSystem('max_batch_size', '6');
  await alterSystem('max_tokens_limit', '2048');
  await alterSystem('cache_ttl', 'for ever');
  await alterSystem('max_input_lenght', '9');
  await alterSystem('daemon_timeout', '9s');
  expect(await admin.rows('select name from steadytext_config_sync()'), 'no session knows of it').toEqual([
    { name: 'max_batch_size' },
  ]);
  expect(await configSync({ url: queue.db.superuserUrl })).toEqual([
    {
      name: 'cache_ttl',
      value: '7 days',
      outcome: 'refused',
      detail: 'cache_ttl should be a number and a unit, from 1ms to 100 years, but is "for ever".',
    },
    { name: 'daemon_timeout', value: '9s', outcome: 'applied', detail: 'Nothing reads it in this release.' },
    { name: 'max_batch_size', value: '7', outcome: 'unchanged', detail: null },
    { name: 'max_documents', value: '5', outcome: 'applied', detail: null },
    expect.objectContaining({ name: 'max_input_lenght', outcome: 'unknown' }),
    expect.objectContaining({ name: 'max_tokens_limit', value: '100', outcome: 'kept' }),
  ]);
  expect(await source('max_documents')).toEqual({ value: '5', source: 'system' });
  expect(await source('max_batch_size')).toEqual({ value: '7', source: 'database' });
  expect(await refusal(admin, `select steadytext_rerank_async('q', array_fill('x'::text, array[6]))`)).toMatchObject({
    message: 'Documents should be at most 5, but are 6',
  });
  const [check] = await admin.rows(`select * from diagnose_steadytext() where check_name = 'Settings'`);
  expect(check).toMatchObject({
    status: 'WARNING',
    details: expect.stringMatching(/cache_ttl should be .*max_input_lenght/),
  });

  expect(await admin.value(`select steadytext_config_reset('max_tokens_limit')`)).toBe('2048');
  await database('reset steadytext.max_batch_size');
  await alterSystem('max_documents', null);
  expect(await sync()).toEqual(
    expect.arrayContaining([
      ['max_batch_size', '6', 'applied'],
      ['max_documents', '1000', 'reset'],
      ['max_tokens_limit', '2048', 'unchanged'],
    ]),
  );
  for (const name of NAMES) await alterSystem(name, null);
  await sync();
  expect(await sync()).toEqual([]);
  expect(await admin.rows(`select name from steadytext_config_list() where source <> 'default'`)).toEqual([]);
  const audited = `select parameters ->> 'source' as source, count(*)::int from steadytext_audit_log
                   where event_type = 'setting_changed' and parameters ->> 'source' = 'system' group by 1`;
  expect(await admin.rows(audited)).toEqual([{ source: 'system', count: 4 }]);
});

test('another login needs two grants, which the error names, and no login may say itself what the files have', async () => {
  await alterSystem('max_documents', '5');
  onTestFinished(() => alterSystem('max_documents', null).then(async () => void (await sync())));
  const owner = queue.db.adminUrl;
  const login = new URL(owner).username;
  const right = {
    name: 'MissingRights',
    hint: expect.stringMatching(/grant select .*pg_file_settings.*grant execute/),
  };
  await expect(configSync({ url: owner })).rejects.toMatchObject(right);
  const rights = [
    'select on pg_catalog.pg_file_settings',
    'execute on function pg_catalog.pg_show_all_file_settings()',
  ];
  await runAs(
    queue.db.superuserUrl,
    rights.map((what) => `grant ${what} to ${login}`),
  );
  try {
    expect(await sync(owner)).toEqual([['max_documents', '5', 'applied']]);
  } finally {
    await runAs(
      queue.db.superuserUrl,
      rights.map((what) => `revoke ${what} from ${login}`),
    );
  }
  const take = `select * from steadytext_private.take_system_settings('{max_documents}', '{1}')`;
  for (const session of [await boss(), await queue.session('alice')])
    expect(await refusal(session, take)).toMatchObject({ code: '42501' });
  await using stranger = await openClient(await queue.db.login(['steadytext_admin', 'pg_read_all_settings']));
  await expect(stranger.query('select * from pg_file_settings')).rejects.toMatchObject({ code: '42501' });
});

test('the command tells what became of each, and a wrong value makes its status 1', async () => {
  const sync = () => runCommand(['config', 'sync'], { STEADYTEXT_ADMIN_URL: queue.db.superuserUrl });
  expect(await sync()).toEqual({
    status: 0,
    stdout: 'Neither ALTER SYSTEM nor ALTER DATABASE says anything of our settings.\n',
    stderr: '',
  });
  await alterSystem('max_documents', '5');
  expect(await sync()).toMatchObject({ status: 0, stdout: 'applied   max_documents = 5\n' });
  await alterSystem('max_documents', 'many');
  expect(await sync()).toMatchObject({
    status: 1,
    stdout: 'refused   max_documents = 5: max_documents should be a whole number from 1 to 999999999, but is "many".\n',
  });
  await alterSystem('max_documents', null);
  expect(await sync()).toMatchObject({ status: 0, stdout: 'reset     max_documents = 1000\n' });
});
