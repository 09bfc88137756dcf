// `steadytext enqueue` and `steadytext status` on a database without a worker: ids, waiting, what each login may see.

import { describe, expect, test } from 'vitest';
import { run } from '../../workers/cli.ts';
import type { QueueCount } from '../../workers/queue/api/fleet-status.ts';
import { makeWorld, runCommand } from '../cli/world.ts';
import { inDatabase, useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';

const database = useDatabase();
const writer = () => database.login(['steadytext_writer']);
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n$/;

describe('enqueue', () => {
  test('prints the id of a row with the options given', async () => {
    const url = await writer();
    const flags = ['--max-tokens', '9', '--priority', '8', '--stop', 'END', '--url', url];
    const { status, stdout, stderr } = await runCommand(['enqueue', 'generate', 'Hello', ...flags]);
    expect(stdout, stderr).toMatch(ID);
    expect(status).toBe(0);
    const [row] = await database.query(url, 'select * from steadytext_requests where request_id = $1', [stdout.trim()]);
    expect(row).toMatchObject({ request_type: 'generate', prompt: 'Hello', priority: 8, status: 'pending' });
    expect(row.params).toMatchObject({ max_tokens: 9, eos_string: 'END', seed: 42 });
  });

  test.each([
    [['--schema', '{"type": "integer", "minimum": 3}'], { schema: { type: 'integer', minimum: 3 } }],
    [['--schema', '"boolean"'], { schema: 'boolean' }],
    [['--schema', 'integer'], { schema: 'integer' }],
    [['--pattern', '\\d{4}', '--seed', '7'], { pattern: '\\d{4}', seed: 7 }],
    [['--choice', 'yes', '--choice', 'no', '--max-tokens', '5'], { choices: ['yes', 'no'], max_tokens: 5 }],
  ])('generates in the form that %j says', async (flags, params) => {
    const url = await writer();
    const { stdout, stderr } = await runCommand(['enqueue', 'generate', 'Hello', ...flags, '--url', url]);
    expect(stdout, stderr).toMatch(ID);
    const [row] = await database.query(url, 'select * from steadytext_requests where request_id = $1', [stdout.trim()]);
    expect(row).toMatchObject({ request_type: 'generate', params });
  });

  test.each([
    [['--schema', '{'], 'Expected JSON.'],
    [['--schema', '{}', '--pattern', 'a'], 'expected one of --schema, --pattern and --choice'],
    [['--pattern', 'a', '--stop', 'x'], "option '--stop <text>' does not go with a form"],
  ])('refuses %j', async (flags, message) => {
    const { status, stderr } = await runCommand(['enqueue', 'generate', 'Hello', ...flags, '--url', await writer()]);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });

  test('embeds and reranks; the same idempotency key gives the same id', async () => {
    const url = await writer();
    const embed = ['enqueue', 'embed', 'a text', '--idempotency-key', 'once', '--url', url];
    const [first, again] = [await runCommand(embed), await runCommand(embed)];
    expect(first.stdout, first.stderr).toMatch(ID);
    expect(again.stdout).toBe(first.stdout);
    const long = await runCommand(['enqueue', 'embed', 'long', '--on-long-text', 'refuse', '--url', url]);
    const [how] = await database.query(url, 'select params from steadytext_requests where request_id = $1', [
      long.stdout.trim(),
    ]);
    expect(how).toMatchObject({ params: { on_long_text: 'refuse' } });
    const odd = await runCommand(['enqueue', 'embed', 'long', '--on-long-text', 'cut', '--url', url]);
    expect(odd.stderr).toMatch(/on_long_text should be .*truncate/);
    const documents = ['--document', 'one', '--document', 'two'];
    const rerank = await runCommand(['enqueue', 'rerank', 'which', ...documents, '--json', '--url', url]);
    const { request_id } = JSON.parse(rerank.stdout) as { request_id: string };
    const [row] = await database.query(url, 'select * from steadytext_requests where request_id = $1', [request_id]);
    expect(row).toMatchObject({ request_type: 'rerank', params: { documents: ['one', 'two'] } });
  });

  test('--wait prints what came as soon as it was announced', async () => {
    const url = await writer();
    const world = makeWorld({ DATABASE_URL: url });
    const running = run(['enqueue', 'generate', 'Hello', '--wait', '--timeout', '60'], world.context);
    const [, id] = await waitFor(() => world.stderr().match(/^request (\S+)$/m), 'the request to be enqueued');
    await database.query(
      database.superuserUrl,
      `update steadytext.steadytext_queue set status = 'completed', runnable = false, completed_at = clock_timestamp(), result = 'Good day.'
        where request_id = $1`,
      [id],
    );
    await database.query(database.superuserUrl, "select pg_notify('steadytext_result', $1)", [id]);
    expect(await running).toBe(0);
    expect(world.stdout()).toBe('Good day.\n');
  });

  test('an answer is shown at a terminal without what would command it, and piped as it is', async () => {
    const url = await writer();
    for (const [isTTY, expected] of [
      [true, '\\x1B[2Jhi\n'],
      [false, '\x1b[2Jhi\n'],
    ]) {
      const world = makeWorld({ DATABASE_URL: url });
      Object.assign(world.context.stdout, { isTTY });
      const running = run(['enqueue', 'generate', 'Hello', '--wait'], world.context);
      const [, id] = await waitFor(() => world.stderr().match(/^request (\S+)$/m), 'the request to be enqueued');
      await database.query(
        database.superuserUrl,
        `update steadytext.steadytext_queue set status = 'completed', runnable = false, completed_at = clock_timestamp(), result = E'\\x1b[2Jhi'
          where request_id = $1`,
        [id],
      );
      await database.query(database.superuserUrl, "select pg_notify('steadytext_result', $1)", [id]);
      expect(await running).toBe(0);
      expect(world.stdout()).toBe(expected);
    }
  });

  test('--wait ends with status 1 when the request was cancelled', async () => {
    const url = await writer();
    const world = makeWorld({ DATABASE_URL: url });
    const running = run(['enqueue', 'embed', 'Hello', '--wait'], world.context);
    const [, id] = await waitFor(() => world.stderr().match(/^request (\S+)$/m), 'the request to be enqueued');
    await database.query(url, 'select steadytext_cancel_async($1)', [id]);
    expect(await running).toBe(1);
    expect(world.stderr()).toMatch(/ST008 RequestCancelled: Request .* was cancelled/);
  });

  test('--wait that runs out of time has a status of its own, and the request can be asked for later', async () => {
    const url = await writer();
    const late = await runCommand(['enqueue', 'embed', 'Hello', '--wait', '--timeout', '0.2', '--url', url]);
    expect(late).toMatchObject({ status: 75, stdout: '' });
    const [, id] = late.stderr.match(/^request (\S+)$/m)!;
    expect(late.stderr).toContain(
      `ST071 WaitTimedOut: Expected request ${id} to finish within 0.2 seconds, but it is still waiting or running.\nhint: The request goes on.`,
    );
    const [, statement] = late.stderr.match(/steadytext sql "(.*)"/)!;
    const later = await runCommand(['sql', statement!, '--json', '--url', url]);
    expect(JSON.parse(later.stdout), later.stderr).toEqual([expect.objectContaining({ status: 'pending' })]);
  });

  test('numbers are taken as PostgreSQL writes them', async () => {
    const url = await writer();
    for (const [given, value] of [
      ['1e-3', 0.001],
      ['.5', 0.5],
      ['1', 1],
    ] as const) {
      const { stdout } = await runCommand(['enqueue', 'generate', 'x', '--temperature', given, '--url', url]);
      const [row] = await database.query(url, 'select params from steadytext_requests where request_id = $1', [
        stdout.trim(),
      ]);
      expect(row.params).toMatchObject({ temperature: value });
    }
  });

  test('bad input is told as SQL tells it', async () => {
    const url = await writer();
    // A pattern of Braille that shows nothing.
    const empty = await runCommand(['enqueue', 'generate', '\u2800', '--url', url]);
    expect(empty).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^ERROR P0001: Prompt cannot be empty\nhint: /),
    });
    const unknown = await runCommand(['enqueue', 'generate', 'x', '--model', 'gpt-9', '--url', url]);
    expect(unknown.stderr).toMatch(/^ERROR ST003: .*"gpt-9"[\s\S]*hint: /);
  });

  test('a login without rights is told which it lacks', async () => {
    const { status, stderr } = await runCommand(['enqueue', 'embed', 'x', '--url', await database.login()]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/42501[\s\S]*hint: .*steadytext_writer/);
  });
});

describe('status', () => {
  const status = async (url: string) => {
    const { status, stdout, stderr } = await runCommand(['status', '--json', '--url', url]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(stdout);
  };

  test('the owner of the database sees all requests, workers that are silent, and models nobody serves', async () => {
    const url = await writer();
    await runCommand(['enqueue', 'embed', 'counted', '--url', url]);
    await database.query(
      database.superuserUrl,
      `insert into steadytext.steadytext_workers (worker_id, name, state, host, pid, version, login, models, heartbeat_at)
       values (gen_random_uuid(), 'first', 'running', 'alpha', 1, '1', 'w', '[{"name":"all-minilm-l6-v2"}]', now()),
              (gen_random_uuid(), 'last', 'running', 'omega', 2, '1', 'w', '[{"name":"smollm2-135m-instruct"}]', now() - interval '5 minutes')`,
    );
    const seen = await status(database.adminUrl);
    expect(seen).toMatchObject({ scope: 'all', hidden: [], unserved: ['smollm2-135m-instruct'] });
    expect(seen.workers.map((worker: { host: string; alive: boolean }) => [worker.host, worker.alive])).toEqual([
      ['alpha', true],
      ['omega', false],
    ]);
    const pending = seen.queue.find(
      (row: { request_type: string; status: string }) => row.request_type === 'embed' && row.status === 'pending',
    );
    expect(pending.requests).toBeGreaterThan(0);
    expect(pending.oldest_seconds).toBeGreaterThanOrEqual(0);
  });

  test('an ordinary login sees its own requests only, and is told so', async () => {
    const url = await writer();
    await runCommand(['enqueue', 'embed', 'mine', '--url', url]);
    const seen = await status(url);
    expect(seen.scope).toBe('own');
    expect(seen.queue).toEqual([expect.objectContaining({ request_type: 'embed', status: 'pending', requests: 1 })]);
    const { stdout } = await runCommand(['status', '--url', url]);
    expect(stdout).toMatch(
      /Requests of \S+ alone \(other users' requests are hidden from it\), completed and cancelled ones of the last hour:/,
    );
  });

  test('requests whose time has not come are scheduled, and pending from then on, for everybody who counts them', async () => {
    const url = await writer();
    const later = `select steadytext_embed_async('x', scheduled_at => now() + interval '3 days') as id`;
    const [{ id }] = await database.query(url, later);
    await database.query(url, later);
    await database.query(url, `select steadytext_embed_async('x')`);
    const counts = async (address: string) =>
      (await status(address)).queue.map((row: QueueCount) => [row.status, row.requests, row.oldest_seconds !== null]);
    expect(await counts(url)).toEqual([
      ['pending', 1, true],
      ['scheduled', 2, false],
    ]);
    expect((await runCommand(['status', '--url', url])).stdout).toMatch(/│ scheduled │ 2 +│ +│$/m);
    const all = () => database.query(database.adminUrl, 'select status, requests::int from steadytext_queue_counts()');
    const before = await all();
    expect(before).toContainEqual({ status: 'scheduled', requests: 2 });
    // Due, and no worker lives that would have promoted it.
    await database.query(
      database.superuserUrl,
      `update steadytext_queue set scheduled_at = now() - interval '1 minute' where request_id = $1`,
      [id],
    );
    expect(await counts(url)).toEqual([
      ['pending', 2, true],
      ['scheduled', 1, false],
    ]);
    expect(await all()).toContainEqual({ status: 'scheduled', requests: 1 });
  });

  test('for people: tables, and a line for what nobody serves', async () => {
    const { stdout } = await runCommand(['status'], { STEADYTEXT_ADMIN_URL: database.adminUrl });
    expect(stdout).toMatch(/│ last +│ omega 2 +│ silent +│/);
    expect(stdout).toMatch(/^Requests of all users, completed and cancelled ones of the last hour:$/m);
    expect(stdout).toMatch(/^No live worker serves: smollm2-135m-instruct$/m);
  });

  test('names that others chose are shown without what would command a terminal', async () => {
    await database.query(
      database.superuserUrl,
      `insert into steadytext.steadytext_workers (worker_id, name, state, host, pid, version, login, models, heartbeat_at)
       values (gen_random_uuid(), E'evil\\x1b[2J', 'running', 'h', 3, '1', 'w', '[]', now())`,
    );
    const { stdout } = await runCommand(['status'], { STEADYTEXT_ADMIN_URL: database.adminUrl });
    expect(stdout).toContain('evil\\x1B[2J');
    expect(stdout).not.toContain('\x1b');
  });

  test('on a database that is not migrated', async () => {
    const url = inDatabase(database.superuserUrl, 'postgres');
    for (const [address, schema] of [
      [url, 'steadytext'],
      [url, 'public'],
      [database.adminUrl, 'nope'],
    ])
      for (const args of [['status'], ['enqueue', 'embed', 'x'], ['enqueue', 'embed', 'x', '--wait']]) {
        const { status: code, stderr } = await runCommand(args, { DATABASE_URL: address, STEADYTEXT_SCHEMA: schema });
        expect(code).toBe(1);
        expect(stderr).toMatch(/^ST052 DatabaseNotMigrated: .*\nhint: .*`steadytext migrate`.*STEADYTEXT_SCHEMA\n$/);
      }
  });

  test('a login without any right', async () => {
    const { status: code, stderr } = await runCommand(['status', '--url', await database.login()]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/42501[\s\S]*hint: /);
  });
});
