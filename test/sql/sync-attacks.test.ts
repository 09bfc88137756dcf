// What a caller may try to get at the side channel of synchronous functions, where dblink is everybody's and where it is not.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { run } from '../../workers/cli.ts';
import type { SteadyTextError } from '../../workers/errors.ts';
import { setupSync } from '../../workers/queue/setup-sync.ts';
import { makeWorld } from '../cli/world.ts';
import { addressOf } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';
import { answering, useSideChannel } from './support/sync.ts';

describe('without a side channel', () => {
  const queue = useQueue();

  test('the error names the command, and the procedure works', async () => {
    const alice = await queue.session('alice');
    await using _ = await answering(queue);
    expect(await refusal(alice, `select steadytext_generate('x')`)).toMatchObject({
      code: 'ST012',
      hint: expect.stringContaining('steadytext setup sync'),
    });
    expect(await alice.value(`select steadytext_generate('x', on_error => 'null')`)).toBeNull();
    expect(await alice.rows(`call steadytext_generate_and_wait('hello')`)).toEqual([{ result: 'HELLO' }]);
  });

  test('a login that cannot set it up is told who can', async () => {
    await expect(setupSync({ url: queue.db.adminUrl })).rejects.toMatchObject({
      name: 'MissingRights',
      hint: expect.stringContaining('superuser'),
    });
    await expect(setupSync({ url: queue.db.superuserUrl, schema: 'other' })).rejects.toMatchObject({
      name: 'DatabaseNotMigrated',
    });
  });
});

describe('dblink where everybody may use it', () => {
  const queue = useQueue();
  useSideChannel(queue, 'create extension dblink schema public');

  test('no connection stays open, whatever ended the call', async () => {
    const alice = await queue.session('alice');
    const open = () => alice.value('select public.dblink_get_connections()');
    await using answers = await answering(queue);
    expect(await alice.value(`select steadytext_generate('hello')`)).toBe('HELLO');
    expect(await open()).toBeNull();
    await alice.rows(`begin; declare c cursor for select steadytext_generate_stream('hi')`);
    expect(await alice.value('fetch 1 from c')).toBe('HI');
    expect(await open()).toBeNull();
    await alice.rows('commit');
    await refusal(alice, `select steadytext_generate('')`);
    expect(await open()).toBeNull();
    await answers[Symbol.asyncDispose]();
    await alice.rows(`set statement_timeout = '200ms'`);
    expect(await refusal(alice, `select steadytext_generate('hello')`)).toMatchObject({ code: '57014' });
    expect(await open()).toBeNull();
  });

  test('the owner’s server and its password are nobody else’s', async () => {
    const alice = await queue.session('alice');
    expect(await refusal(alice, `select public.dblink_connect('mine', 'steadytext_private_sync')`)).toMatchObject({
      code: expect.stringMatching(/^(42501|42704)$/),
    });
    expect(
      await alice.rows(`select umoptions from pg_user_mappings where srvname = 'steadytext_private_sync'`),
    ).toEqual([{ umoptions: null }]);
    expect(await refusal(alice, 'select * from pg_user_mapping')).toMatchObject({ code: '42501' });
  });

  test('a server that asks for no password is told of, with the line to write', async () => {
    const superuser = await queue.superuser();
    const file = (await superuser.value('show hba_file')) as string;
    const before = readFileSync(file, 'utf8');
    const reloaded = async (trusts: boolean) => {
      writeFileSync(file, `${trusts ? 'host all steadytext_sync 127.0.0.1/32 trust\n' : ''}${before}`);
      await superuser.rows('select pg_reload_conf()');
      const rule = `select user_name from pg_hba_file_rules where auth_method = 'trust' and 'steadytext_sync' = any (user_name)`;
      await waitFor(async () => (await superuser.rows(rule)).length > 0 === trusts, 'the rules to be read again');
    };
    await reloaded(true);
    try {
      const refused = await waitFor(
        () =>
          setupSync({ url: queue.db.superuserUrl }).then(
            () => undefined,
            (error: SteadyTextError) => error,
          ),
        'the server to follow them',
      );
      expect(refused).toMatchObject({
        name: 'SyncUnavailable',
        message: expect.stringMatching(/ask the login steadytext_sync for its password, but lets it in without$/),
        hint: expect.stringMatching(/host \w+ steadytext_sync 127\.0\.0\.1\/32 scram-sha-256/),
      });
    } finally {
      await reloaded(false);
    }
  });

  test('the command sets it up and says so; an address at which the server is not is told', async () => {
    const world = makeWorld({ STEADYTEXT_ADMIN_URL: queue.db.superuserUrl });
    expect(await run(['setup', 'sync'], world.context)).toBe(0);
    expect(world.stdout()).toMatch(
      /^Synchronous functions work: steadytext_sync came in by 127\.0\.0\.1, port \d+\.$/m,
    );
    expect(world.stderr()).toMatch(/opens a connection of its own/);
    const wrong = makeWorld({ STEADYTEXT_ADMIN_URL: queue.db.superuserUrl });
    expect(await run(['setup', 'sync', '--port', '1'], wrong.context)).toBe(1);
    expect(wrong.stderr()).toMatch(/ST013 SyncUnavailable: .*port 1 failed|ST013 SyncUnavailable: .*refused/);
    expect(await run(['setup', 'sync'], world.context)).toBe(0);
  });

  test('the database’s owner sets it up again without a superuser, once that one has lent what it takes', async () => {
    const superuser = await queue.superuser();
    const passwordOf = () =>
      superuser.value(`select umoptions::text from pg_user_mappings where srvname = 'steadytext_private_sync'`);
    const before = await passwordOf();
    await superuser.rows('grant steadytext_sync to test_admin with admin option');
    expect(await setupSync({ url: queue.db.adminUrl })).toMatchObject({ keeps: false, shown: true });
    expect(await passwordOf()).not.toBe(before);
    const alice = await queue.session('alice');
    await using _ = await answering(queue);
    expect(await alice.value(`select steadytext_generate('hello')`)).toBe('HELLO');
  });
});

describe('dblink for the owner’s functions alone', () => {
  const queue = useQueue();
  useSideChannel(queue);

  test('a caller reaches neither its functions nor the channel’s', async () => {
    const alice = await queue.session('alice');
    await using _ = await answering(queue);
    await alice.value(`select steadytext_generate('hello')`);
    for (const statement of [
      `steadytext_private_dblink.dblink_get_connections()`,
      `steadytext_private_dblink.dblink('steadytext', 'select 1')`,
      `steadytext_private.sync_enqueue('{}', '')`,
      `steadytext_private.sync_kept_name()`,
      `steadytext_private.stream_look('postgres', null, 0, 0)`,
      `steadytext_private.sync_call('postgres', 'generate', '{x}', '{}', null, false)`,
    ])
      expect(await refusal(alice, `select ${statement}`)).toMatchObject({ code: '42501' });
    expect(await refusal(alice, 'select * from steadytext_private.sync_key')).toMatchObject({ code: '42501' });
  });

  test('a call is its caller’s, not of a role that the statement names', async () => {
    const alice = await queue.session('alice');
    expect(
      await refusal(
        alice,
        `insert into steadytext_private.calls (call, inputs, asked_by) values ('sync generate', '{x}', 'postgres')`,
      ),
    ).toMatchObject({ code: '42501' });
  });

  test('once dblink is anywhere else too, the kept connection is closed and none is kept', async () => {
    const alice = await queue.session('alice');
    const superuser = await queue.superuser();
    await using _ = await answering(queue);
    await alice.value(`select steadytext_generate('hello')`);
    await superuser.rows(
      `create function public.names() returns text[] language c as '$libdir/dblink', 'dblink_get_connections'`,
    );
    expect(await alice.value('select cardinality(public.names())')).toBe(1);
    expect(await alice.value(`select steadytext_generate('hello')`)).toBe('HELLO');
    expect(await alice.value('select public.names()')).toBeNull();
    await superuser.rows('drop function public.names()');
  });

  test('its login alone can do nothing: not enqueue, not read, not cancel', async () => {
    const alice = await queue.session('alice');
    const superuser = await queue.superuser();
    const id = await alice.value(`select steadytext_generate_async('secret')`);
    const [option] = await superuser.rows(
      `select option_value as password from pg_user_mappings, pg_options_to_table(umoptions)
       where srvname = 'steadytext_private_sync' and option_name = 'password'`,
    );
    await using sync = await queue.db.connect(
      addressOf(queue.db.server, { name: 'steadytext_sync', password: option!.password }, queue.db.name),
    );
    const now = Date.now() / 1000;
    const payload = { role_name: 'postgres', call: 'generate', inputs: '{x}', options: {}, at: now };
    const { rows } = await sync.query(`select steadytext_private.sync_enqueue($1, 'forged') as answer`, [
      JSON.stringify(payload),
    ]);
    expect(rows[0].answer).toMatchObject({ error: { sqlstate: '28000' } });
    for (const [statement, code] of [
      [`select steadytext_private.sync_wait('{${id}}', 'forged', 0, 1)`, '28000'],
      [`select steadytext_private.sync_wait(null, null, 0, 1)`, '28000'],
      [`select steadytext_private.sync_cancel('alice', '{${id}}', null)`, '28000'],
      [`select steadytext_private.stream_wait(current_user, '${id}', 'forged', 0, 0, 1)`, '28000'],
      ['select * from steadytext.steadytext_queue', '42501'],
      ['select * from steadytext_private.sync_key', '42501'],
      [`insert into steadytext_private.calls (call, inputs) values ('sync generate', '{x}')`, '42501'],
    ] as const)
      await expect(sync.query(statement), statement).rejects.toMatchObject({ code });
    expect(await alice.rows('select status from steadytext_requests')).toEqual([{ status: 'pending' }]);
  });

  test('a signed call is good for a minute, and for its own database', async () => {
    const superuser = await queue.superuser();
    const signed = (age: number, database: string) =>
      superuser.value(
        `select steadytext_private.sync_enqueue(p, steadytext_private.sync_mac('enqueue', p)) as answer
         from (select jsonb_build_object('role_name', current_user, 'database', $2::text, 'call', 'embed', 'inputs', '{x}',
           'options', '{}'::jsonb, 'at', extract(epoch from now()) - $1::int)::text as p) t`,
        [age, database],
      );
    expect(await signed(0, queue.db.name)).toEqual({ request_ids: [expect.any(String)] });
    expect(await signed(61, queue.db.name)).toMatchObject({ error: { sqlstate: '28000' } });
    expect(await signed(0, 'original')).toMatchObject({ error: { sqlstate: 'ST012' } });
  });

  test('neither other sessions nor errors show a prompt, the SQL of the channel or the password', async () => {
    const alice = await queue.session('alice');
    const monitor = await queue.session('monitor', ['pg_read_all_stats']);
    const beside = await queue.session('alice');
    const call = alice.client.query(`select steadytext_generate('canary ' || 'one')`).catch((error: unknown) => error);
    await waitFor(async () => (await beside.rows('select from steadytext_requests')).length === 1, 'the request');
    const seen = await monitor.rows(`select query from pg_stat_activity where usename = 'steadytext_sync'`);
    expect(seen.length).toBeGreaterThan(0);
    expect(JSON.stringify(seen)).not.toMatch(/canary|sync_wait|sync_enqueue/);
    await beside.rows('select steadytext_cancel_async(request_id) from steadytext_requests');
    const error = (await call) as Record<string, unknown>;
    const refused = (await alice.client
      .query(`select steadytext_generate('canary ' || 'two', model => 'none')`)
      .catch((reason: unknown) => reason)) as Record<string, unknown>;
    for (const { message, detail, hint, where } of [error, refused])
      expect(`${message} ${detail} ${hint} ${where}`).not.toMatch(/canary|sync_enqueue|password|dblink/);
  });
});
