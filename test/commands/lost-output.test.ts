// Output that cannot be written, since its reader has left or its disk is full: what is told is lost, and nothing else.

import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
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
});

test('an answer that nobody reads to its end is no error, and one that finds no room is', async () => {
  const sql = ['sql', '--csv', 'select generate_series(1, 100000)'];
  const env = { DATABASE_URL: database.superuserUrl };
  expect(await startUnread(sql, ['stdout'], env).ended).toBe(0);
  expect(await startOnFullDisk(sql, ['stdout'], env).ended).toBe(70);
});
