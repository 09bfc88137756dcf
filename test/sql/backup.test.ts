// What a backup holds, and the functions that write it into a folder of the server and read it from there.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readSummary } from '../../workers/queue/backup/backup-file.ts';
import { backupFolder, fillState, stateOf } from '../commands/support/state.ts';
import { tableRows } from '../docs/markdown.ts';
import { readText } from '../house/source-tree.ts';
import { freshName } from '../support/database.ts';
import { type Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();
let superuser: Session;
const FILE = 'steadytext-backup.jsonl';
const rowsOf = (table: string) => superuser.value(`select count(*)::int from ${table}`);

beforeAll(async () => {
  superuser = await queue.superuser();
});

test('every table is in a backup, or the page says why it is not', async () => {
  const tables = await superuser.rows(
    `select relname from pg_class where relnamespace in ('steadytext'::regnamespace, 'steadytext_private'::regnamespace)
       and relkind in ('r', 'p') and not relispartition order by 1`,
  );
  const held = (await superuser.value('select steadytext_private.backup_parts()')) as string[];
  const documented = tableRows(readText('docs/backup.md'));
  const named = (cells: number) =>
    documented.filter((row) => row.length === cells).flatMap(([names]) => names!.replaceAll('`', '').split(', '));
  expect(named(3)).toEqual(held);
  expect([...held, ...named(2)].sort()).toEqual(tables.map(({ relname }) => relname));
});

test('a folder of the server gets the same lines as the command writes, and they come back beside what is there', async () => {
  const logins = [freshName('first'), freshName('second')] as const;
  for (const name of logins) await queue.db.login(['steadytext_writer'], name);
  await fillState(queue.db, logins);
  const before = await stateOf(queue.db, logins);
  const folder = backupFolder();
  const written = Number(await superuser.value('select backup_steadytext_state($1)', [`${folder}/`]));
  expect(readFileSync(join(folder, FILE), 'utf8').trimEnd().split('\n')).toHaveLength(written + 2);
  await readSummary(join(folder, FILE));
  expect(await refusal(superuser, 'select backup_steadytext_state($1)', [folder])).toMatchObject({
    message: `A backup should go into a folder without one, but there is ${join(folder, FILE)}`,
  });

  await superuser.rows(`truncate steadytext_queue, steadytext_cache_entries, steadytext_prompts, steadytext_prompt_versions,
    steadytext_private.cache_counts`);
  await superuser.rows(`select steadytext_config_reset('max_documents')`);
  const restored = await superuser.rows('select * from restore_steadytext_state($1)', [folder]);
  expect(Object.fromEntries(restored.map((row) => [row.table_name, Number(row.rows_restored)]))).toMatchObject({
    ...{ steadytext_users: 0, steadytext_settings: 1, steadytext_prompts: 1, steadytext_prompt_versions: 2 },
    ...{ steadytext_queue: 6, steadytext_cache_entries: 3, cache_counts: 1 },
  });
  expect(await stateOf(queue.db, logins)).toEqual(before);
  expect(
    await superuser.rows(
      `select event_type, parameters - 'asked_by' as what from steadytext_audit_log where event_type like 'state%' order by id`,
    ),
  ).toMatchObject([
    { event_type: 'state_backed_up', what: { rows: written } },
    { event_type: 'state_restored', what: { rows: { steadytext_queue: 6 } } },
  ]);

  // All or nothing: what a constraint refuses half-way leaves nothing of what came before.
  await superuser.rows(
    'truncate steadytext_queue; alter table steadytext_cache_entries add constraint never check (false) not valid',
  );
  await superuser.rows('delete from steadytext_cache_entries');
  await expect(superuser.rows('select * from restore_steadytext_state($1)', [folder])).rejects.toThrow('never');
  await superuser.rows('alter table steadytext_cache_entries drop constraint never');
  expect(await rowsOf('steadytext_queue')).toBe(0);

  for (const [from, to] of [
    ['to be claimed', 'to be changed'],
    [/end .*/, ''],
    [/^/, '\\\u0000'],
    [/\n/, '\u0002\n'],
  ] as const) {
    writeFileSync(join(folder, FILE), readFileSync(join(folder, FILE), 'utf8').replace(from, to));
    expect(await refusal(superuser, 'select * from restore_steadytext_state($1)', [folder])).toMatchObject({
      code: 'ST020',
    });
  }
});

test.each([
  ['a writer', ['steadytext_writer'], 'permission denied for function backup_steadytext_state', undefined],
  [
    'an administrator',
    ['steadytext_admin'],
    expect.stringContaining('should be a superuser or a member of steadytext_owner'),
    "The database's owner runs: steadytext backup <file>",
  ],
  [
    "a member of the owner's role",
    ['steadytext_owner'],
    expect.stringContaining('should be a member of pg_write_server_files'),
    'Run it where you are, with a file there: steadytext backup <file>',
  ],
])('%s is refused, and told what to do', async (name, roles, message, hint) => {
  const session = await queue.session(name, roles);
  expect(await refusal(session, `select steadytext.backup_steadytext_state('/tmp')`)).toEqual({
    code: '42501',
    message,
    hint,
  });
});

test("a member of the owner's role that may use files of the server needs no superuser", async () => {
  const session = await queue.session('files', ['steadytext_owner', 'pg_write_server_files', 'pg_read_server_files']);
  const folder = backupFolder();
  await session.rows('select steadytext.backup_steadytext_state($1)', [folder]);
  expect((await session.rows('select * from steadytext.restore_steadytext_state($1)', [folder])).length).toBe(9);
});

test.each([[null], [''], ['relative/path'], ['x'.repeat(1000)], ['/'.repeat(1000)]])(
  '%j is no folder',
  async (path) => {
    for (const call of ['select backup_steadytext_state($1)', 'select * from restore_steadytext_state($1)'])
      expect(await refusal(superuser, call, [path])).toMatchObject({
        code: 'P0001',
        message: expect.stringContaining('backup_path should be the full path of a folder of the server'),
      });
  },
);

test('a folder that is not there, and one without a backup, are named by PostgreSQL', async () => {
  expect(await refusal(superuser, `select backup_steadytext_state('/nonexistent')`)).toMatchObject({ code: '58P01' });
  expect(await refusal(superuser, `select * from restore_steadytext_state('/nonexistent')`)).toMatchObject({
    code: '58P01',
  });
});
