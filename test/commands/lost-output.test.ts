// Output that cannot be written, since its reader has left or its disk is full: what is told is lost, and nothing else.

import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { printLines } from '../../workers/commands/context.ts';
import { makeWorld } from '../cli/world.ts';
import { ROOT } from '../house/source-tree.ts';
import { tinyBert } from '../inference/convert/tiny-bert.ts';
import { tinyLlama } from '../inference/convert/tiny-llama.ts';
import { broughtFolder, embeddingSource, textSource } from '../inference/convert/tiny-source.ts';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { type Running, startProcess, startSteadytext } from './steadytext-process.ts';

const database = useDatabase();

type Output = 'stdout' | 'stderr';

/** The reader of these has left before the first line comes. */
function startUnread(args: readonly string[], outputs: readonly Output[], env: NodeJS.ProcessEnv = {}): Running {
  const command = startSteadytext(args, env);
  for (const output of outputs) command.child[output]!.destroy();
  return command;
}

/** These are on a disk without room. */
function startOnFullDisk(args: readonly string[], outputs: readonly Output[], env: NodeJS.ProcessEnv = {}): Running {
  const full = outputs.map((output) => `${output === 'stdout' ? 1 : 2}>/dev/full`).join(' ');
  const command = [process.execPath, join(ROOT, 'bin', 'steadytext.mjs'), ...args];
  return startProcess('sh', ['-c', `exec "$@" ${full}`, 'sh', ...command], env);
}

const BOTH: readonly Output[] = ['stdout', 'stderr'];

test.each([
  ['with a log that nobody reads any more', startUnread, ['stderr']],
  ['with a log on a full disk', startOnFullDisk, ['stderr']],
  ['with log and ready line in a pipe that nobody reads any more', startUnread, BOTH],
  ['with log and ready line on a full disk', startOnFullDisk, BOTH],
] as const)('a worker %s works on, and drains when it is told to', async (_, start, outputs) => {
  const [text, embedding] = [textSource(tinyLlama(1).bytes), embeddingSource(tinyBert(1))];
  const worker = start(['worker'], outputs, {
    DATABASE_URL: database.workerUrl,
    STEADYTEXT_CACHE_DIR: join(text.folder, 'cache'),
    STEADYTEXT_MODEL_DIR: broughtFolder(text, embedding),
    STEADYTEXT_TEXT_MODEL: 'tiny-text',
    STEADYTEXT_EMBEDDING_MODEL: 'tiny-embedding',
    STEADYTEXT_MODEL_FORMAT: 'nb8',
    STEADYTEXT_ENGINES: '1',
    STEADYTEXT_LOG_LEVEL: 'debug',
  });
  onTestFinished(() => void worker.child.kill('SIGKILL'));
  const seen = async (query: string) => (await database.query(database.superuserUrl, query)).length > 0;
  const running = "select from steadytext_workers where state = 'running'";
  const orEnded = <T>(what: Promise<T>) =>
    Promise.race([what, worker.ended.then((end) => Promise.reject(new Error(`the worker ended with ${end}`)))]);
  await orEnded(waitFor(() => seen(running), 'the worker to run', 60_000));
  // As the administrator says which models a request without one goes to.
  await database.query(
    database.superuserUrl,
    `select steadytext_set_default_model('tiny-embedding'), steadytext_embed_async('x')`,
  );
  await orEnded(waitFor(() => seen("select from steadytext_queue where status = 'completed'"), 'its work', 30_000));
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
  expect(await seen('select from steadytext_workers')).toBe(false);
  await database.query(database.superuserUrl, 'delete from steadytext_queue');
});

test.each([
  ['of a reader that has left', startUnread],
  ['on a full disk', startOnFullDisk],
])('sql prints its answer although what the server remarks cannot be told: standard error %s', async (_, start) => {
  await database.query(
    database.superuserUrl,
    `create or replace function public.chat() returns int language plpgsql as $$
     begin
       for n in 1..100 loop raise notice 'remark %', n; end loop;
       return 7;
     end $$`,
  );
  const sql = start(['sql', '--csv', 'select public.chat()'], ['stderr'], { DATABASE_URL: database.superuserUrl });
  expect({ status: await sql.ended, stdout: sql.stdout() }).toEqual({ status: 0, stdout: 'chat\n7\n' });
});

test('a mistake that cannot be told keeps its status', async () => {
  for (const start of [startUnread, startOnFullDisk]) {
    const mistaken = start(['no-such-command'], ['stderr']);
    expect(await mistaken.ended).toBe(2);
  }
});

test('dev runs its command to the end although it cannot say what it does', async () => {
  const dev = startUnread(['dev', '--temp', '--no-worker', '--exec', 'echo done'], ['stderr']);
  expect({ status: await dev.ended, stdout: dev.stdout() }).toEqual({ status: 0, stdout: 'done\n' });
  // Of its own it prints nothing there.
  const silent = startOnFullDisk(['dev', '--temp', '--no-worker', '--exec', 'true'], ['stdout']);
  expect(await silent.ended, silent.stderr()).toBe(0);
});

test('an answer that nobody reads to its end is no error, and one that finds no room is', async () => {
  const sql = ['sql', '--csv', 'select generate_series(1, 100000)'];
  const env = { DATABASE_URL: database.superuserUrl };
  const unread = startUnread(sql, ['stdout'], env);
  expect({ status: await unread.ended, stderr: unread.stderr() }).toEqual({ status: 0, stderr: '' });
  for (const answer of [sql, ['status'], ['receipts', 'verify', '--sample', '5'], ['--help']]) {
    const command = startOnFullDisk(answer, ['stdout'], env);
    expect({ answer, status: await command.ended, stderr: command.stderr() }).toEqual({
      answer,
      status: 70,
      stderr: expect.stringMatching(/^Standard output should take the answer, .*ENOSPC.*\nhint: .*\n$/),
    });
  }
});

test('a reader that leaves in the middle of a long answer is left at once, whatever is still to come', async () => {
  const million = startSteadytext(['sql', '--csv', 'select generate_series(1, 1000000)'], {
    DATABASE_URL: database.superuserUrl,
  });
  million.child.stdout!.once('data', () => million.child.stdout!.destroy());
  expect({ status: await million.ended, stderr: million.stderr() }).toEqual({ status: 0, stderr: '' });
});

test('lines are made no further once they cannot be written', async () => {
  const stdout = new Writable({
    autoDestroy: false,
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('nobody reads'), { code: 'EPIPE' })),
  });
  stdout.on('error', () => undefined);
  function* endless() {
    for (;;) yield 'one more line';
  }
  await printLines({ ...makeWorld({}).context, stdout }, endless());
});

const NEVER_ENQUEUED = '00000000-0000-7000-8000-000000000000';

describe.each([
  ['of a reader that has left', startUnread],
  ['on a full disk', startOnFullDisk],
])('standard output %s changes nothing of', (_, start) => {
  test.each([
    ['migrate --check', ['migrate', '--check', '--schema', 'other']],
    ['receipts verify', ['receipts', 'verify', NEVER_ENQUEUED]],
    ['receipts verify --json', ['receipts', 'verify', NEVER_ENQUEUED, '--json']],
  ])('the verdict of %s', async (_name, args) => {
    const command = start(args, ['stdout'], { DATABASE_URL: database.adminUrl });
    expect(await command.ended, command.stderr()).toBe(1);
  });

  test('what migrate says on standard error after its report', async () => {
    await database.query(database.superuserUrl, 'grant create on schema public to public');
    const migrate = start(['migrate'], ['stdout'], { STEADYTEXT_ADMIN_URL: database.adminUrl });
    expect(await migrate.ended).toBe(start === startUnread ? 0 : 70);
    expect(migrate.stderr()).toMatch(/^Open: the schema public,.*\n {2}revoke create on schema public from public;$/m);
    await database.query(database.superuserUrl, 'revoke create on schema public from public');
  });

  test('the request that enqueue waits for', async () => {
    const enqueue = start(['enqueue', 'generate', 'Hello', '--wait', '--timeout', '1'], ['stdout'], {
      DATABASE_URL: await database.login(['steadytext_writer']),
    });
    expect(await enqueue.ended, enqueue.stderr()).toBe(75);
    await database.query(database.superuserUrl, 'delete from steadytext_queue');
  });
});
