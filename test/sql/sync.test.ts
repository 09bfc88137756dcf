// Synchronous functions: a result in one statement of any transaction, and what ends a call otherwise.
import { describe, expect, test } from 'vitest';
import { startBouncer } from '../support/bouncer.ts';
import { openClient } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { useQueue } from './support/queue.ts';
import { type Refusal, refusal } from './support/refusal.ts';
import { answering, useSideChannel } from './support/sync.ts';

const queue = useQueue();
useSideChannel(queue);

test('each function gives its result in one statement, and the request is its caller’s', async () => {
  const alice = await queue.session('alice');
  await using _ = await answering(queue);
  expect(await alice.value(`select steadytext_generate('hello', 10, seed => 7)`)).toBe('HELLO');
  expect(await alice.value(`select steadytext_generate_json('json', '{"type": "object"}')`)).toBe('JSON');
  expect(await alice.value(`select steadytext_generate_regex('regex', '[a-z]+')`)).toBe('REGEX');
  expect(await alice.value(`select steadytext_generate_choice('choice', '{a,b}')`)).toBe('CHOICE');
  expect(await alice.value(`select steadytext_embed('vector')`)).toEqual([0.6, 0.8]);
  expect(await alice.rows(`select * from steadytext_rerank('query', '{one,two}')`)).toEqual([
    { document: 'two', score: 0.5 },
    { document: 'one', score: 1 / 3 },
  ]);
  expect(await alice.rows(`select * from steadytext_rerank('query', '{one}', return_scores => false)`)).toEqual([
    { document: 'one', score: null },
  ]);
  expect(await alice.value(`select steadytext_rerank_top_k('query', '{one,two}', 1)`)).toBe('(two,0.5)');
  expect(await alice.rows(`select * from steadytext_rerank_docs_only('query', '{one,two}')`)).toEqual([
    { document: 'two' },
    { document: 'one' },
  ]);
  expect(await alice.rows(`select query_index, document from steadytext_rerank_batch('{q0,q1}', '{one,two}')`)).toEqual(
    [
      { query_index: 0, document: 'two' },
      { query_index: 0, document: 'one' },
      { query_index: 1, document: 'two' },
      { query_index: 1, document: 'one' },
    ],
  );
  const superuser = await queue.superuser();
  expect(await superuser.value(`select count(distinct asked_by) from steadytext_queue`)).toBe('1');
  expect(await superuser.value(`select asked_by from steadytext_queue limit 1`)).toBe(
    await alice.value('select current_user'),
  );
  expect(await superuser.value(`select params from steadytext_queue where prompt = 'hello'`)).toEqual({
    max_tokens: 10,
    seed: 7,
    use_cache: true,
    temperature: 0,
    eos_string: '[EOS]',
  });
  const bob = await queue.session('bob');
  expect(await bob.rows('select * from steadytext_requests')).toEqual([]);
});

test('an embedding comes with every digit, and a text with every character', async () => {
  const alice = await queue.session('alice');
  await alice.rows('set extra_float_digits = -15; set standard_conforming_strings = off');
  await using _ = await answering(queue, ({ request_type, prompt }) =>
    request_type === 'embed' ? { embedding: '{0.123456789,-1e-30,0.99999994}' } : { result: prompt },
  );
  await alice.rows('set extra_float_digits = 1');
  const strange = `it's "quoted" \\ back\\n $$ \u{1f600} \u0001 %s %I\n`;
  expect(await alice.value('select steadytext_generate($1)', [strange])).toBe(strange);
  expect(await alice.value(`select steadytext_embed('x')`)).toEqual([0.12345679, -1e-30, 0.99999994]);
});

test('it works in triggers, functions, prepared statements and under every isolation', async () => {
  const alice = await queue.session('alice');
  await using _ = await answering(queue);
  await alice.rows(`create temp table notes (body text, loud text)`);
  await alice.rows(`create function pg_temp.loud() returns trigger language plpgsql as
    'begin new.loud := steadytext.steadytext_generate(new.body); return new; end'`);
  await alice.rows(`create trigger loud before insert on notes for each row execute function pg_temp.loud()`);
  for (const level of ['read committed', 'repeatable read', 'serializable']) {
    await alice.rows(`begin isolation level ${level}`);
    await alice.rows(`insert into notes values ('${level}')`);
    await alice.rows('commit');
  }
  expect(await alice.rows('select loud from notes')).toEqual([
    { loud: 'READ COMMITTED' },
    { loud: 'REPEATABLE READ' },
    { loud: 'SERIALIZABLE' },
  ]);
  await alice.rows(`prepare say (text) as select steadytext_generate($1) as said`);
  for (let i = 0; i < 7; i++) expect(await alice.rows(`execute say('n${i}')`)).toEqual([{ said: `N${i}` }]);
  expect(
    await alice.value(`select string_agg(steadytext_generate(x), ' ') from unnest('{a,b,c}'::text[]) as t (x)`),
  ).toBe('A B C');
});

test('what was enqueued in the same transaction does not stand in its way', async () => {
  const alice = await queue.session('alice');
  await using _ = await answering(queue);
  await alice.rows('begin');
  await alice.rows(`select steadytext_generate_async('later', idempotency_key => 'k')`);
  expect(await alice.value(`select steadytext_generate('now')`)).toBe('NOW');
  await alice.rows('rollback');
});

describe('a call that does not come to its result cancels its request', () => {
  const cancelled = async () => {
    const superuser = await queue.superuser();
    await waitFor(
      async () => (await superuser.value(`select string_agg(status, ' ') from steadytext_queue`)) === 'cancelled',
      'the request to be cancelled',
      5000,
    );
  };

  test('by statement_timeout', async () => {
    const alice = await queue.session('alice');
    await alice.rows(`set statement_timeout = '300ms'`);
    expect(await refusal(alice, `select steadytext_generate('x', on_error => 'null')`)).toMatchObject({
      code: '57014',
      message: 'canceling statement due to statement timeout',
    });
    await cancelled();
  });

  test('by a cancel from outside, and the session goes on', async () => {
    const alice = await queue.session('alice');
    const superuser = await queue.superuser();
    const pid = await alice.value('select pg_backend_pid()');
    const call = refusal(alice, `select steadytext_generate('x')`);
    await waitFor(async () => (await superuser.value('select count(*) from steadytext_queue')) === '1', 'the request');
    await superuser.rows('select pg_cancel_backend($1)', [pid]);
    expect(await call).toMatchObject({ code: '57014' });
    await cancelled();
    await using _ = await answering(queue);
    expect(await alice.value(`select steadytext_generate('again')`)).toBe('AGAIN');
  });

  test('by sync_wait_seconds, since no worker is there', async () => {
    const alice = await queue.session('alice');
    const superuser = await queue.superuser();
    await superuser.rows(`update steadytext_settings set value = '1' where name = 'sync_wait_seconds'`);
    try {
      expect(await refusal(alice, `select steadytext_generate('x')`)).toMatchObject({
        code: 'ST014',
        hint: expect.stringContaining('worker'),
      });
      await cancelled();
      await superuser.rows('truncate steadytext_queue');
      expect(await refusal(alice, `call steadytext_generate_and_wait('x')`)).toMatchObject({ code: 'ST014' });
      await cancelled();
    } finally {
      await superuser.rows(`update steadytext_settings set value = '300' where name = 'sync_wait_seconds'`);
    }
  });

  test('cancelled by its user from elsewhere, it says so', async () => {
    const alice = await queue.session('alice');
    const beside = await queue.session('alice');
    const call = refusal(alice, `select steadytext_generate('x')`);
    const id = await waitFor(
      async () => (await beside.rows('select request_id from steadytext_requests'))[0]?.request_id,
      'the request',
    );
    await beside.rows('select steadytext_cancel_async($1)', [id]);
    expect(await call).toMatchObject({ code: 'ST008' });
  });
});

describe('what is locked by the caller’s own transaction', () => {
  test('a lock is waited for but shortly', async () => {
    const owner = await queue.superuser();
    await owner.rows('begin');
    await owner.rows('lock table steadytext_queue in access exclusive mode');
    const answer: Refusal = await refusal(owner, `select steadytext_generate('x')`);
    await owner.rows('rollback');
    expect(answer).toMatchObject({ code: 'ST015', hint: expect.stringContaining('COMMIT') });
  });

  test('a login whose first request is in it', async () => {
    const carol = await queue.session('carol');
    await carol.rows('begin');
    await carol.rows(`select steadytext_generate_async('first')`);
    const answer = await refusal(carol, `select steadytext_generate('second')`);
    await carol.rows('rollback');
    expect(answer).toMatchObject({ code: 'ST010', hint: expect.stringContaining('COMMIT') });
  });
});

describe('the connection', () => {
  const channels = async () =>
    (await queue.superuser()).rows(
      `select pid from pg_stat_activity where usename = 'steadytext_sync' and datname = current_database()`,
    );
  const gone = async () =>
    await waitFor(async () => (await channels()).length === 0, 'connections of other sessions to end');

  test('is kept by a session, opened again when it has ended, and closed with the session', async () => {
    const superuser = await queue.superuser();
    await superuser.rows(
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'steadytext_sync' and datname = current_database()`,
    );
    await gone();
    const alice = await queue.session('alice');
    await using _ = await answering(queue);
    await alice.value(`select steadytext_generate('one')`);
    const [first] = await channels();
    await alice.value(`select steadytext_generate('two')`);
    expect(await channels()).toEqual([first]);
    await superuser.rows('select pg_terminate_backend($1)', [first!.pid]);
    await gone();
    expect(await alice.value(`select steadytext_generate('three')`)).toBe('THREE');
    expect(await channels()).toHaveLength(1);
    expect(await superuser.value(`select count(*) from steadytext_queue where prompt = 'three'`)).toBe('1');
  });

  test('that is lost during a call is told of, and the session goes on', async () => {
    const alice = await queue.session('alice');
    const superuser = await queue.superuser();
    const call = refusal(alice, `select steadytext_generate('x')`);
    await waitFor(async () => (await superuser.value('select count(*) from steadytext_queue')) === '1', 'the request');
    for (const { pid } of await channels()) await superuser.rows('select pg_terminate_backend($1)', [pid]);
    expect(await call).toMatchObject({ code: 'ST013', message: expect.stringContaining('lost') });
    await using _ = await answering(queue);
    expect(await alice.value(`select steadytext_generate('again')`)).toBe('AGAIN');
  });

  test('fifty sessions at once have one each', async () => {
    const sessions = await Promise.all(Array.from({ length: 50 }, () => queue.session('alice')));
    await using _ = await answering(queue);
    const answers = await Promise.all(sessions.map((one, i) => one.value(`select steadytext_generate('s${i}')`)));
    expect(answers).toEqual(sessions.map((_, i) => `S${i}`));
    await Promise.all(sessions.map((one) => one.client.end()));
    await waitFor(async () => (await channels()).length <= 4, 'their connections to be closed with them');
  });

  test('that the server has no room for is an error that says so', async () => {
    const superuser = await queue.superuser();
    const late = await queue.session('alice');
    await superuser.rows('alter role steadytext_sync connection limit 0');
    try {
      expect(await refusal(late, `select steadytext_generate('x')`)).toMatchObject({
        code: 'ST013',
        message: 'A synchronous call needs one more connection to this server, but it has none left',
      });
    } finally {
      await superuser.rows('alter role steadytext_sync connection limit -1');
    }
  });
});

test('steadytext_generate_and_wait needs no side channel', async () => {
  const alice = await queue.session('alice');
  await using _ = await answering(queue);
  expect(await alice.rows(`call steadytext_generate_and_wait('hello', 10)`)).toEqual([{ result: 'HELLO' }]);
  expect(await refusal(alice, `call steadytext_generate_and_wait('')`)).toMatchObject({
    code: 'P0001',
    message: 'Prompt cannot be empty',
  });
  await alice.rows('begin');
  expect(await refusal(alice, `call steadytext_generate_and_wait('x')`)).toMatchObject({ code: '2D000' });
  await alice.rows('rollback');
});

test('behind a bouncer in transaction mode, whose one session all clients share', async (context) => {
  const address = await queue.db.login(['steadytext_writer']);
  const bouncer = await startBouncer(context, [address]);
  await using _ = await answering(queue);
  const clients = await Promise.all([1, 2, 3].map(() => openClient(bouncer.url(address))));
  const answers = await Promise.all(clients.map((one, i) => one.query(`select steadytext_generate('c${i}') as said`)));
  await Promise.all(clients.map((one) => one.end()));
  expect(answers.map(({ rows }) => rows[0].said)).toEqual(['C0', 'C1', 'C2']);
});
