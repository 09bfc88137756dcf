// A primary and a standby with streaming replication between them: calls on the standby, and what follows a promotion.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import type { EmbeddedServer } from '../../workers/dev/embedded-server.ts';
import { findFreePort } from '../../workers/dev/ports.ts';
import { migrate } from '../../workers/queue/migrate/migrate.ts';
import { setupSync } from '../../workers/queue/setup-sync.ts';
import { emptyFolder, start } from '../dev/world.ts';
import { startTestWorker } from '../fleet/support/worker.ts';
import { openClient, runAs, type TestClient } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';

const version = inject('serverVersion');
// Nothing here survives a crash, which nothing here has.
const FAST = { fsync: 'off', max_wal_senders: '4', hot_standby: 'on', wal_level: 'replica', max_connections: '60' };

/** Both on the loopback; the standby is a copy of the primary when that was stopped, and follows it from there. */
async function twoServers(): Promise<{ primary: EmbeddedServer; standby: EmbeddedServer }> {
  const [folder, copy] = [emptyFolder(), emptyFolder()];
  const first = await start({ version, dataDir: folder, settings: FAST });
  await runAs(first.superuserUrl, ['create database app']);
  await first.stop();
  execFileSync('cp', ['-a', `${folder}/.`, copy]);
  rmSync(join(copy, 'data', 'postmaster.pid'), { force: true });
  writeFileSync(join(copy, 'data', 'standby.signal'), '');
  const primary = await start({ version, dataDir: folder, settings: FAST });
  const password = primary.passwords.postgres;
  const upstream = `host=127.0.0.1 port=${primary.port} user=postgres password=${password}`;
  const settings = { ...FAST, primary_conninfo: upstream };
  return { primary, standby: await start({ version, dataDir: copy, port: await findFreePort(), settings }) };
}

const app = (server: EmbeddedServer, login = 'app') => server.url(login, 'secret', 'app');
const asSuperuser = (server: EmbeddedServer) => server.url('postgres', server.passwords.postgres, 'app');

async function value(client: TestClient, text: string): Promise<unknown> {
  return Object.values((await client.query(text)).rows[0])[0];
}

async function refusal(client: TestClient, text: string): Promise<unknown> {
  return await client.query(text).then(
    () => 'went through',
    ({ code, message }) => ({ code, message }),
  );
}

test('calls on a standby go to the primary, what is kept it gives itself, and after its promotion everything follows', {
  timeout: 120_000,
}, async () => {
  const { primary, standby } = await twoServers();
  const url = asSuperuser(primary);
  await migrate({ url });
  await runAs(url, [
    `create role app login password 'secret' in role steadytext_writer`,
    `create role other login password 'secret' in role steadytext_writer`,
    `create role boss login password 'secret' in role steadytext_admin`,
    `create role worker login password 'secret' in role steadytext_worker`,
    'grant execute on function pg_promote(boolean, integer) to boss',
  ]);
  await expect(setupSync({ url: asSuperuser(standby) })).rejects.toMatchObject({ code: 'ST070' });
  const servers = [primary, standby];
  await setupSync({ url, host: '127.0.0.1,127.0.0.1', port: servers.map(({ port }) => port).join(',') });
  await using there = await openClient(url);
  // It ends with its server.
  there.on('error', () => undefined);
  const caughtUp = async () => {
    const lsn = await value(there, 'select pg_current_wal_lsn()');
    await waitFor(
      async () => await value(copy, `select coalesce(pg_last_wal_replay_lsn() >= '${lsn}', false)`),
      'the standby to have replayed what there is',
    );
  };
  await using copy = await openClient(asSuperuser(standby));
  await caughtUp();
  const workerUrl = app(primary, 'worker').replace(/@[^/]+/, `@127.0.0.1:${primary.port},127.0.0.1:${standby.port}`);
  await startTestWorker({ workerUrl });
  await using here = await openClient(app(standby));
  const sql = `select steadytext_generate('a question', 20)`;

  // Off by default; on for all servers by a setting of the primary.
  expect(await refusal(here, sql)).toMatchObject({ code: 'ST012', message: expect.stringContaining('ha_mode is off') });
  expect(await refusal(here, `select steadytext_generate('a question', 20, on_error => 'null')`)).toBe('went through');
  await runAs(app(primary, 'boss'), [`select steadytext_config_set('ha_mode', 'primary')`]);
  await caughtUp();
  const answer = await value(here, sql);
  expect(answer).toMatch(/\w/);
  expect(
    await value(
      there,
      `select count(*)::int from steadytext.steadytext_queue where prompt = 'a question' and asked_by = 'app'`,
    ),
  ).toBe(1);
  expect(await value(here, `select cardinality(steadytext_embed('a text'))`)).toBe(4);
  expect((await here.query(`select * from steadytext_rerank('q', array['one', 'two'])`)).rows).toHaveLength(2);

  // Kept: given by the standby itself, to whose it is, and nothing is written anywhere.
  await runAs(app(primary, 'boss'), [`select steadytext_config_set('ha_readonly_cache', 'true')`]);
  await caughtUp();
  const requests = () => value(there, 'select count(*)::int from steadytext.steadytext_queue');
  const before = await requests();
  expect(await value(here, sql)).toBe(answer);
  expect(await requests()).toBe(before);
  await using another = await openClient(app(standby, 'other'));
  expect(await value(another, sql)).toBe(answer);
  expect(await requests()).toBe(Number(before) + 1);
  // A proof is one's own, and of this transaction.
  const [proof] = (await here.query('select * from steadytext_private.caller_proof')).rows;
  for (const [name, mac] of [
    ['other', proof.proof],
    ['app', proof.proof],
    ['app', null],
  ])
    expect(
      await refusal(
        here,
        `select steadytext_private.standby_call('${name}', ${mac === null ? 'null' : `'${mac}'`}, 'generate', array['x'], '{}', null, false)`,
      ),
    ).toMatchObject({ code: '28000' });
  expect(await refusal(here, `select steadytext_generate_async('x')`)).toMatchObject({ code: '25006' });
  expect(await refusal(here, 'select steadytext_promote_to_primary()')).toMatchObject({ code: '42501' });

  // Promoted by who may, which resumes a paused fleet; then the old primary is gone for good.
  await runAs(app(primary, 'boss'), ['select steadytext_daemon_stop()']);
  await caughtUp();
  await primary.stop('immediate');
  expect(await refusal(here, `select steadytext_generate('yet another question', 20)`)).toMatchObject({
    code: 'ST013',
    message: expect.stringContaining('should find the server that writes, but none at its hosts is one'),
  });
  await using boss = await openClient(app(standby, 'boss'));
  const heard: string[] = [];
  here.on('notification', ({ payload }) => heard.push(payload ?? ''));
  expect(await value(boss, 'select steadytext_promote_to_primary()')).toMatch(/^promoted; call this once more/);
  await here.query('listen steadytext_failover');
  expect(await value(boss, 'select steadytext_promote_to_primary()')).toBe('primary');
  await waitFor(async () => (await here.query('select 1')) && heard.length > 0, 'the notice of the promotion');
  expect(heard).toEqual(['promoted_to_primary']);
  expect(await value(boss, `select event_type from steadytext_audit_log where event_type like 'promoted%'`)).toBe(
    'promoted_to_primary',
  );
  expect(await value(copy, 'select count(*)::int from steadytext_private.fleet_orders')).toBe(1);
  // The worker found it by itself, and so does the channel, which the session had kept open to the one before.
  expect(await value(here, `select steadytext_generate('another question', 20)`)).toMatch(/\w/);
  expect(await value(here, `select count(*)::int from steadytext_requests where prompt = 'another question'`)).toBe(1);
});
