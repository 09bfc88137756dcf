// `steadytext backup` and `steadytext restore`: from one server into another of another version, and what they refuse.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, expect, inject, test } from 'vitest';
import { endLine, headerLine, LineDigest } from '../../workers/queue/backup/backup-file.ts';
import { runCommand } from '../cli/world.ts';
import { freshName } from '../support/database.ts';
import { backupFolder, fillState, type StateDatabase, stateDatabase, stateOf } from './support/state.ts';

const HERE = inject('serverVersion');
const LOGINS = [freshName('first'), freshName('second')] as const;
const file = join(backupFolder(), 'state.gz');
let source: StateDatabase;
let target: StateDatabase;

const restore = (to: StateDatabase, path = file, ...flags: string[]) =>
  runCommand(['restore', path, '--url', to.adminUrl, ...flags]);
const restored = ({ stdout }: { stdout: string }, table: string) =>
  stdout
    .match(new RegExp(`${table} \\D*(\\d+)\\D+(\\d+)`))
    ?.slice(1)
    .map(Number);

beforeAll(async () => {
  source = await stateDatabase(HERE === 15 ? 18 : 15, LOGINS);
  target = await stateDatabase(HERE, LOGINS);
  await fillState(source, LOGINS);
  const { status, stderr } = await runCommand(['backup', file, '--url', source.adminUrl]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('what one server has comes into another of another version, with attempts and keys, and nobody holds a lease', async () => {
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const outcome = await restore(target);
  expect(outcome).toMatchObject({ status: 0, stderr: '' });
  expect(restored(outcome, 'steadytext_queue')).toEqual([6, 6]);
  expect(await stateOf(target, LOGINS)).toEqual(await stateOf(source, LOGINS));
  expect(
    await target.ask(
      `select distinct status, runnable, leased_by, retry_count from steadytext_queue where lease_token = 4`,
    ),
  ).toEqual([{ status: 'pending', runnable: true, leased_by: null, retry_count: 2 }]);
  // The numbers that new rows get are behind those that came in, and a key still finds its request.
  const [key] = await target.ask(
    `select request_id, id from steadytext_queue join steadytext_users using (user_id) where role_name = $1 and idempotency_key like '%two%'`,
    [LOGINS[0]],
  );
  const [again] = await target.ask(
    `with asked as (select set_config('role', $1, false)) select steadytext_generate_async('will be done', idempotency_key => 'two') as id from asked`,
    [LOGINS[0]],
  );
  expect(again.id).toBe(key.request_id);
  for (const database of [source, target]) {
    const [row] = await database.ask(
      `select function_name, parameters from steadytext_audit_log where event_type in ('state_backed_up', 'state_restored')`,
    );
    expect(row).toMatchObject({
      function_name: 'steadytext',
      parameters: { rows: { steadytext_queue: 6, steadytext_prompt_versions: 2 }, asked_by: 'test_admin' },
    });
  }
});

test('what is there stays: a second time brings nothing, and a setting of this database only with --settings', async () => {
  await target.ask(`select steadytext_config_set('max_documents', '5')`);
  await target.ask('update steadytext_users set weight = 4 where role_name = $1', [LOGINS[1]]);
  const before = await stateOf(target, LOGINS);
  const again = await restore(target);
  for (const table of ['users', 'queue', 'cache_entries', 'prompts', 'prompt_versions', 'settings', 'models'])
    expect(restored(again, `steadytext_${table}`)?.[1], table).toBe(0);
  expect(await stateOf(target, LOGINS)).toEqual(before);
  await restore(target, file, '--settings');
  expect(
    await target.ask(
      `select (select value from steadytext_settings where name = 'max_documents'), weight from steadytext_users where role_name = $1`,
      [LOGINS[1]],
    ),
  ).toEqual([{ value: '77', weight: 3 }]);
});

test('users whose roles are not there are named; their rows may come in for roles that are still to be made', async () => {
  const elsewhere = await stateDatabase(HERE, []);
  const [first, second] = [freshName('gone'), freshName('gone')] as const;
  const there = await stateDatabase(HERE === 15 ? 18 : 15, [first, second]);
  await fillState(there, [first, second]);
  const path = join(backupFolder(), 'state.gz');
  await runCommand(['backup', path, '--url', there.adminUrl]);
  const refused = await restore(elsewhere, path);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain(`ST010`);
  expect(refused.stderr).toContain(
    `there is none called ${[first, second]
      .sort()
      .map((name) => `"${name}"`)
      .join(', ')}`,
  );
  expect(await elsewhere.ask('select from steadytext_queue')).toEqual([]);

  expect((await restore(elsewhere, path, '--keep-missing-users')).status).toBe(0);
  expect((await restore(elsewhere, path, '--keep-missing-users')).stdout).toMatch(/steadytext_users \D*\d+\D+0\b/);
  await elsewhere.ask(`create role ${first} in role steadytext_writer`);
  try {
    expect(await elsewhere.ask('select steadytext_user_id($1) as id', [first])).toEqual([{ id: null }]);
    expect(await elsewhere.ask('select steadytext_rebind_users() as bound')).toEqual([{ bound: 1 }]);
    expect(
      await elsewhere.ask('select count(*)::int as own from steadytext_queue where user_id = steadytext_user_id($1)', [
        first,
      ]),
    ).toEqual([{ own: 3 }]);
  } finally {
    await elsewhere.ask(`drop role ${first}`);
  }
});

test('entries that were cleared here since stay cleared', async () => {
  const cleared = await stateDatabase(HERE);
  await cleared.ask('select steadytext_cache_clear()');
  expect(restored(await restore(cleared), 'steadytext_cache_entries')).toEqual([3, 0]);
});

const plain = () => gunzipSync(readFileSync(file)).toString();
test.each([
  ['is cut off', () => readFileSync(file).subarray(0, -20)],
  ['is cut off: its end is missing', () => gzipSync(plain().replace(/end .*\n$/, ''))],
  ['is damaged: its digest is another', () => gzipSync(plain().replace('to be claimed', 'to be changed'))],
  ['is damaged: its digest is another', () => gzipSync(plain().replace(/^steadytext_queue .*\n/m, ''))],
  ['is damaged: ', () => Buffer.from(readFileSync(file)).fill(0, 200, 260)],
  ['is no backup of ours', () => gzipSync('name,value\n')],
  ['is empty', () => Buffer.alloc(0)],
])('a file that %s is refused before anything is asked', async (what, content) => {
  const path = join(backupFolder(), 'other.gz');
  writeFileSync(path, content());
  const { status, stderr } = await runCommand(['restore', path, '--url', 'postgres://nobody@127.0.0.1:1/x']);
  expect(stderr).toContain(`ST020`);
  expect(stderr).toContain(what);
  expect(status).toBe(1);
});

test.each([
  [{ format: 2 }, 'A backup should have the format 1, but this one has 2'],
  [{ migration: 9999, release: '9.0.0' }, 'but this one is of migration 9999 (release 9.0.0)'],
  [{ migration: 7 }, 'but this one is of migration 7'],
])('a file of another version %j is refused', async (change, message) => {
  const path = join(backupFolder(), 'other.jsonl');
  const lines = plain().split('\n');
  const header = { ...JSON.parse(lines[0]!.slice('steadytext-backup '.length)), ...change };
  const digest = new LineDigest();
  digest.add(headerLine(JSON.stringify(header)));
  writeFileSync(path, `${headerLine(JSON.stringify(header))}\n${endLine({}, digest)}\n`);
  const { status, stderr } = await restore(target, path);
  expect(stderr).toContain('ST020');
  expect(stderr).toContain(message);
  expect(status).toBe(1);
});

test('who may not act as the owner gets no backup, and what cannot be written is named', async () => {
  const url = new URL(target.superuserUrl);
  url.username = LOGINS[0];
  await target.ask(`alter role ${LOGINS[0]} password 'p'`);
  url.password = 'p';
  const path = join(backupFolder(), 'state.gz');
  const refused = await runCommand(['backup', path, '--url', url.href]);
  expect(refused.stderr).toContain(`ST054 MissingRights: ${LOGINS[0]} should be one that may act as steadytext_owner`);
  expect(() => statSync(path)).toThrow();
  const nowhere = await runCommand(['backup', '/nonexistent/state.gz', '--url', target.adminUrl]);
  expect(nowhere.stderr).toContain('cannot be read or written: ENOENT');
  expect(nowhere.status).toBe(2);
});
