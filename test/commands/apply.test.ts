// `steadytext apply`: a process that writes one login's results into its tables, and ends in order.

import { expect, test } from 'vitest';
import { runCommand } from '../cli/world.ts';
import { startTestWorker } from '../fleet/support/worker.ts';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { startSteadytext } from './steadytext-process.ts';

const database = useDatabase();

const ENQUEUE = `select steadytext_generate_async(body, use_cache => false, into_table => 'docs', into_column => 'summary',
  into_key => jsonb_build_object('id', id), from_column => 'body') as id from docs where summary is null`;

async function aLoginWithDocs() {
  const url = await database.login(['steadytext_writer']);
  const login = await database.connect(url);
  await database.query(
    database.superuserUrl,
    `create schema authorization ${(await login.query('select quote_ident(current_user) as name')).rows[0].name}`,
  );
  await login.query(`create table docs (id int primary key, body text, summary text);
    create table seen (id int);
    create function see() returns trigger language plpgsql as 'begin insert into seen values (new.id); return null; end';
    create trigger see after update on docs for each row execute function see();
    insert into docs values (1, 'one'), (2, 'two')`);
  return { url, login };
}

const written = (login: Awaited<ReturnType<typeof aLoginWithDocs>>['login'], count: number) =>
  waitFor(async () => {
    const { rows } = await login.query(
      'select count(summary)::int as n, (select count(*)::int from seen) as seen from docs',
    );
    return rows[0].n === count && rows[0].seen === count;
  }, `${count} results to be written`);

test('writes what comes, by notice, through a lost connection, and ends in order at SIGTERM', async () => {
  await startTestWorker(database);
  const { url, login } = await aLoginWithDocs();
  await using _ = login;
  await login.query(ENQUEUE);
  // So seldom that only notices can be what it goes by.
  const apply = startSteadytext(['apply', '--interval', '3600'], { DATABASE_URL: url });
  await written(login, 2);
  await login.query(`insert into docs values (3, 'three')`);
  await login.query(ENQUEUE);
  await written(login, 3);
  await database.query(
    database.superuserUrl,
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'steadytext apply' and datname = current_database()`,
  );
  await apply.printed(/apply failed/);
  await login.query(`insert into docs values (4, 'secret four')`);
  await login.query(ENQUEUE);
  await written(login, 4);
  apply.child.kill('SIGTERM');
  expect(await apply.ended).toBe(0);
  expect(apply.stdout()).toBe('');
  const lines = apply
    .stderr()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.reduce((sum, line) => sum + (line.applied ?? 0), 0)).toBe(4);
  expect(apply.stderr().toLowerCase()).not.toContain('secret');
});

test('once: writes what is there and says how many; status 1 where some could not be written', async () => {
  await startTestWorker(database);
  const { url, login } = await aLoginWithDocs();
  await using _ = login;
  const { rows } = await login.query(ENQUEUE);
  for (const { id } of rows) await login.query('select steadytext_get_async_result($1, 20)', [id]);
  await login.query(`alter table docs add check (id <> 2 or summary is null)`);
  const once = await runCommand(['apply', '--once', '--url', url]);
  expect(once).toMatchObject({ status: 1, stdout: '1 applied, 0 stale, 1 refused, 0 failed\n' });
  const again = await runCommand(['apply', '--once', '--json', '--url', url]);
  expect(again).toMatchObject({ status: 0, stdout: '{"applied":0,"stale":0,"refused":0,"failed":0}\n' });
});

test('who may not enqueue is told so, and so is who gives nonsense', async () => {
  const reader = await database.login(['steadytext_reader']);
  expect(await runCommand(['apply', '--url', reader])).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/permission denied for function steadytext_apply_results/),
  });
  for (const flags of [['--interval', '0'], ['--batch', 'x'], ['--batch', '10001'], ['--json']])
    expect((await runCommand(['apply', ...flags, '--url', reader])).status).toBe(2);
});
