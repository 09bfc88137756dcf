// The SQL of docs/backup.md and docs/high-availability.md, run as it stands there, as who they say.
import { expect, test } from 'vitest';
import { backupFolder } from '../commands/support/state.ts';
import { fencedBlocks } from '../docs/markdown.ts';
import { readText } from '../house/source-tree.ts';
import { type Row, type Session, useQueue } from './support/queue.ts';

const queue = useQueue();

async function run(page: string, session: Session, folder = ''): Promise<Row[][]> {
  const statements = fencedBlocks(readText(page), 'sql').flatMap((block) => [...block.matchAll(/^select [^;]+/gm)]);
  const answers: Row[][] = [];
  for (const [statement] of statements)
    answers.push(await session.rows(statement.replace('/var/backups/steadytext', folder)));
  return answers;
}

test('a superuser takes a backup on the server, and restores it', async () => {
  const [written, restored] = await run('docs/backup.md', await queue.superuser(), backupFolder());
  expect(Number(written![0]!.backup_steadytext_state)).toBe(2);
  expect(restored!.map((row) => row.table_name)).toContain('steadytext_queue');
});

test('an administrator sets up what standbys do, and tells of a promotion; the settings and the audit log have it', async () => {
  const boss = await queue.session('boss', ['steadytext_admin']);
  await boss.rows('listen steadytext_failover');
  const heard: string[] = [];
  boss.client.on('notification', ({ payload }) => heard.push(payload ?? ''));
  const answers = await run('docs/high-availability.md', boss);
  expect(answers.at(-1)).toEqual([{ steadytext_promote_to_primary: 'primary' }]);
  expect(heard).toEqual(['promoted_to_primary']);
  expect(await boss.value(`select steadytext_config_get('ha_mode')`)).toBe('primary');
  expect(
    await boss.rows(`select parameters from steadytext_audit_log where event_type = 'promoted_to_primary'`),
  ).toEqual([{ parameters: { asked_by: await boss.value('select session_user::text') } }]);
});

test('another host of the primary comes behind those of the side channel, and goes when it is taken back', async () => {
  const superuser = await queue.superuser();
  const boss = await queue.session('boss', ['steadytext_admin']);
  const hosts = () =>
    superuser.value(`select string_agg(option_name || ' ' || option_value, '; ' order by option_name)
      from pg_foreign_server, pg_options_to_table(srvoptions) where srvname = 'steadytext_private_sync' and option_name in ('host', 'port')`);
  const set = (host: string) => boss.rows(`select steadytext_config_set('ha_primary_host', $1)`, [host]);
  // Without a side channel it is kept for setup sync.
  await set('first.internal');
  await superuser.rows(`create extension dblink schema steadytext_private`);
  for (const [ports, with1, with2] of [
    ['5432', '5432', '5432'],
    ['5432,5433', '5432,5433,5433', '5432,5433,5433'],
  ] as const) {
    await superuser.rows(`grant usage on foreign data wrapper dblink_fdw to steadytext_owner; set role steadytext_owner;
      create server steadytext_private_sync foreign data wrapper dblink_fdw options (host 'a,b', port '${ports}'); reset role`);
    await superuser.rows(`select steadytext_private.route_sync('', steadytext_config_get('ha_primary_host'))`);
    expect(await hosts()).toBe(`host a,b,first.internal; port ${with1}`);
    await set('second.internal');
    expect(await hosts()).toBe(`host a,b,second.internal; port ${with2}`);
    await boss.rows(`select steadytext_config_reset('ha_primary_host')`);
    expect(await hosts()).toBe(`host a,b; port ${ports}`);
    await set('first.internal');
    await superuser.rows('drop server steadytext_private_sync');
  }
});
