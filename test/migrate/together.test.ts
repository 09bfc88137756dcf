// Several at once, killed in the middle, and --check, which changes nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createLogger } from '../../workers/log.ts';
import type { Client } from '../../workers/queue/migrate/connection.ts';
import { migrate } from '../../workers/queue/migrate/migrate.ts';
import { REMARK_EVERY_MS, spaced } from '../../workers/queue/migrate/retries.ts';
import { openClient } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { emptyDatabase, NOTES, type Place, project } from './world.ts';

const optionsAt = (place: Place, root: string) => ({ url: place.ownerUrl, rolePrefix: place.rolePrefix, root });

/** All that a migrate could change, as one text. */
async function fingerprint(place: Place): Promise<string> {
  const [{ all }] = await place.ask(
    `select (select string_agg(oid || ' ' || xmin || ' ' || relname, ',' order by oid) from pg_class where relnamespace not in (select oid from pg_namespace where nspname ~ '^pg_'))
         || (select coalesce(string_agg(oid || ' ' || xmin, ',' order by oid), '') from pg_proc where pronamespace not in (select oid from pg_namespace where nspname ~ '^pg_'))
         || (select coalesce(string_agg(nspname || coalesce(nspacl::text, ''), ',' order by nspname), '') from pg_namespace where nspname !~ '^pg_(toast_)?temp')
         || (select coalesce(string_agg(setconfig::text, ','), '') from pg_db_role_setting where setdatabase = (select oid from pg_database where datname = current_database()))
         || (select coalesce(string_agg(rolname, ',' order by rolname), '') from pg_roles where starts_with(rolname, $1))
         || (select coalesce(datacl::text, '') from pg_database where datname = current_database()) as all`,
    [place.rolePrefix],
  );
  return all;
}

test('of two at once, the second waits and then finds nothing to do', async () => {
  const place = await emptyDatabase();
  const root = project({ 'migrations/0003_slow.sql': 'select pg_sleep(0.3);' });
  const reports = await Promise.all([1, 2, 3, 4].map(() => migrate(optionsAt(place, root))));
  expect(reports.filter(({ changed }) => changed)).toHaveLength(1);
  expect(reports.every(({ notGranted }) => notGranted.length === 0)).toBe(true);
});

test('the roles that the migrate of another database has made since they were looked for are a reason to look again', async () => {
  const first = await emptyDatabase();
  const second = await emptyDatabase({ ownedBy: first });
  const options = { rolePrefix: first.rolePrefix, root: project() };
  await using connection = await openClient(second.ownerUrl);
  const refusals: string[] = [];
  let installed: Promise<unknown> | undefined;
  const client: Client = {
    query: async (text, values) => {
      if (text.startsWith('create role')) {
        installed ??= migrate({ ...options, url: first.ownerUrl });
        await installed;
      }
      return await connection.query(text, values as unknown[]).catch((error: { code: string }) => {
        refusals.push(error.code);
        throw error;
      });
    },
  };
  expect(await migrate({ ...options, client })).toMatchObject({ changed: true, attempts: 2, roles: [] });
  expect(refusals).toEqual(['42710']);
});

test('a second one that has waited long enough says who holds the lock of the first install, and how to end that', async () => {
  const place = await emptyDatabase();
  const url = await place.login();
  await using other = await openClient(url);
  const { rows } = await other
    .query(
      `set application_name = 'somebody'; select pg_advisory_lock(hashtextextended('steadytext migrate steadytext_private', 0)), pg_backend_pid() as pid`,
    )
    .then((results) => (results as unknown as { rows: { pid: number }[] }[])[1]!);
  const { pid } = rows[0]!;
  const lines: string[] = [];
  const log = createLogger('info', { write: (line) => lines.push(line) });
  await expect(migrate({ ...optionsAt(place, project()), patienceMs: 1000, log })).rejects.toMatchObject({
    name: 'MigrationBlocked',
    message: expect.stringContaining(`process ${pid} of ${new URL(url).username}`),
    hint: expect.stringContaining(`select pg_terminate_backend(${pid});`),
  });
  // Asked for ten times meanwhile, and told once.
  expect(lines.filter((line) => line.includes('waits for another migrate'))).toHaveLength(1);
});

test('timeouts of the login that migrates do not end it', async () => {
  const place = await emptyDatabase();
  const timeouts = ['statement_timeout', 'idle_in_transaction_session_timeout'];
  if (place.server.version >= 17) timeouts.push('transaction_timeout');
  await place.ask(timeouts.map((name) => `alter role ${place.owner.name} set ${name} = '2s'`).join('; '));
  const root = project({ 'migrations/0003_slow.sql': 'select pg_sleep(2.1);' });
  expect(await migrate(optionsAt(place, root))).toMatchObject({ changed: true });
});

test('when somebody cancels it, that is said, and no file is blamed', async () => {
  const place = await emptyDatabase();
  const root = project({ 'migrations/0003_slow.sql': 'select pg_sleep(600);' });
  const stopped = expect(migrate(optionsAt(place, root))).rejects.toMatchObject({
    name: 'StatementFailed',
    message: expect.stringMatching(/^The migration should have run to its end, but the server stopped it: /),
    hint: expect.stringMatching(/^Nothing was changed\. .*timeout/),
  });
  await waitFor(async () => {
    const rows = await place.ask(
      `select pg_cancel_backend(pid) from pg_stat_activity where datname = $1 and wait_event = 'PgSleep'`,
      [place.database],
    );
    return rows.length > 0;
  }, 'the migration to sleep');
  await stopped;
});

test('once installed, no ordinary login can hold a migrate up', async () => {
  const place = await emptyDatabase();
  await migrate(optionsAt(place, project()));
  await using other = await openClient(await place.login(`in role ${place.rolePrefix}steadytext_admin`));
  await other.query(`select pg_advisory_lock(hashtextextended('steadytext migrate steadytext_private', 0))`);
  await expect(other.query('begin; select from steadytext_private.installation for update')).rejects.toMatchObject({
    code: '42501',
  });
  expect((await migrate({ ...optionsAt(place, project()), patienceMs: 500 })).changed).toBe(false);
});

test('once installed, the row of the installation keeps a second one waiting, which names the first', async () => {
  const place = await emptyDatabase();
  await migrate(optionsAt(place, project()));
  await using other = await openClient(place.ownerUrl);
  await other.query(`begin; set local role ${place.rolePrefix}steadytext_owner`);
  await other.query('select from steadytext_private.installation for update');
  await expect(migrate({ ...optionsAt(place, project()), patienceMs: 500 })).rejects.toMatchObject({
    name: 'MigrationBlocked',
    message: expect.stringContaining(`of ${place.owner.name}`),
  });
  await other.query('rollback');
  const change = project({ 'migrations/0003_slow.sql': 'select pg_sleep(0.3);' });
  const reports = await Promise.all([1, 2, 3].map(() => migrate(optionsAt(place, change))));
  expect(reports.filter(({ changed }) => changed)).toHaveLength(1);
});

test('that another is waited for is told at once, and then every ten seconds', () => {
  let now = 50;
  const due = spaced(REMARK_EVERY_MS, () => now);
  const told = Array.from({ length: 250 }, () => {
    now += 100;
    return due();
  });
  expect(told.flatMap((yes, index) => (yes ? [index] : []))).toEqual([0, 100, 200]);
});

test('killed in the middle, nothing has changed, and the next one runs through', async () => {
  const place = await emptyDatabase();
  await migrate(optionsAt(place, project()));
  const before = await fingerprint(place);
  const change = {
    'migrations/0003_more.sql':
      'create table @extschema@.more (a int); drop view @extschema@.recent_notes; alter table @extschema@.notes add column b int;',
  };
  const stuck = project({ ...change, 'sql/policies/slow.sql': 'select pg_sleep(600);' });
  const script = fileURLToPath(new URL('killed-migrate.ts', import.meta.url));
  const child = spawn(process.execPath, [script, place.ownerUrl, place.rolePrefix, stuck], { stdio: 'inherit' });
  const sleeping = () =>
    place.ask(
      `select pid from pg_stat_activity where datname = current_database() and query ~ 'pg_sleep' and pid <> pg_backend_pid()`,
    );
  await waitFor(async () => (await sleeping()).length === 1, 'the migration to be in its middle');
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  await waitFor(async () => (await sleeping()).length === 0, 'the server to notice', 10_000);
  expect(await fingerprint(place)).toBe(before);
  expect((await migrate(optionsAt(place, project(change)))).changed).toBe(true);
});

test('frozen while it holds the tables, it keeps readers waiting for seconds, and says what came of it when it wakes', async () => {
  const place = await emptyDatabase();
  await migrate(optionsAt(place, project()));
  const before = await fingerprint(place);
  const slow = project({
    'migrations/0003_slow.sql': 'alter table @extschema@.notes add column b int; select pg_sleep(1);',
  });
  const script = fileURLToPath(new URL('killed-migrate.ts', import.meta.url));
  const child = spawn(process.execPath, [script, place.ownerUrl, place.rolePrefix, slow], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const gone = once(child, 'close');
  try {
    const asleep = `select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
    await waitFor(async () => (await place.ask(asleep)).length === 1, 'the migration to be in its middle');
    child.kill('SIGSTOP');
    const began = performance.now();
    await place.ask('select from steadytext.notes');
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(await fingerprint(place)).toBe(before);
  } finally {
    child.kill('SIGCONT');
    await gone;
  }
  expect(said).toMatch(/StatementFailed: .* the server stopped it: .*idle-in-transaction/);
  expect(said).toContain('Nothing was changed');
});

test('--check says what would change and changes nothing', async () => {
  const place = await emptyDatabase();
  const root = project();
  const before = await fingerprint(place);
  const report = await migrate({ ...optionsAt(place, root), check: true, queues: [{ name: 'prune' }] });
  expect(report).toMatchObject({ check: true, changed: true, bossInstalled: true, queues: ['prune'] });
  expect(report.migrations).toEqual(['migrations/0001_create_notes.sql', 'migrations/0002_create_tags.sql']);
  expect(report.files).toHaveLength(Object.keys(NOTES).length - 2);
  expect(report.roles).toContain(`create role ${place.rolePrefix}steadytext_owner nologin;`);
  expect(report.searchPath).toContain('alter database');
  expect(await fingerprint(place)).toBe(before);
});

test('what --check says is what migrate then does, and afterwards it says nothing', async () => {
  const place = await emptyDatabase();
  await migrate(optionsAt(place, project()));
  const options = optionsAt(
    place,
    project({ 'sql/private/stamp_note.sql': `${NOTES['sql/private/stamp_note.sql']}\n-- changed` }),
  );
  const said = await migrate({ ...options, check: true });
  const did = await migrate(options);
  expect(said).toEqual({ ...did, check: true });
  expect(said.files).toEqual(['sql/private/stamp_note.sql', 'sql/grants/notes.sql']);
  expect(await migrate({ ...options, check: true })).toMatchObject({
    changed: false,
    files: [],
    migrations: [],
    roles: [],
  });
});
