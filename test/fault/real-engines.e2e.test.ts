// The command itself with the default models: what the other fault tests show with echo engines holds with real ones.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { environment } from '../../workers/config.ts';
import { chooseFormat } from '../../workers/inference/choose-format.ts';
import { testCacheDir } from '../inference/store/test-cache.ts';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { countIn, enqueueEmbeds, fatesOf, texts } from './support/requests.ts';

const database = useDatabase();
const asSuperuser = (text: string, values?: unknown[]) => database.query(database.superuserUrl, text, values);

/** `steadytext worker`, ready; ended with its test. */
async function startCommand(env: Record<string, string> = {}) {
  const { PATH = '', HOME = '' } = environment();
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../bin/steadytext.mjs'), 'worker'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH,
      HOME,
      DATABASE_URL: database.workerUrl,
      STEADYTEXT_CACHE_DIR: testCacheDir(),
      STEADYTEXT_ENGINES: '2',
      STEADYTEXT_LEASE_SECONDS: '5',
      ...env,
    },
  });
  let output = '';
  let log = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    log += data;
  });
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code ?? -1));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const ended = exited.then((status) => {
    throw new Error(`the worker ended with ${status}: ${log}`);
  });
  ended.catch(() => undefined);
  // The first run on a machine fetches and converts the models.
  await Promise.race([waitFor(() => output.includes(' ready: '), 'the worker to be ready', 600_000), ended]);
  return { pid: child.pid!, exited, output: () => output, signal: (signal: NodeJS.Signals) => child.kill(signal) };
}

async function enqueueGenerations(prompts: readonly string[], maxTokens: number): Promise<string[]> {
  const text = 'select id from unnest(steadytext_generate_batch_async($1, max_tokens => $2, use_cache => false)) id';
  return (await asSuperuser(text, [prompts, maxTokens])).map(({ id }) => id);
}

test('an engine killed in the middle of its work is replaced, all finish, and the bytes are the same', {
  timeout: 900_000,
}, async () => {
  const worker = await startCommand();
  const models = `smollm2-135m-instruct and all-minilm-l6-v2 in ${chooseFormat('auto')}`;
  expect(worker.output()).toMatch(new RegExp(`^worker \\S+ ready: 2 engines, ${models}\n$`));
  const undisturbed = await enqueueGenerations(['Tell me about the sea.'], 60);
  await waitFor(async () => (await countIn(database, undisturbed, 'completed')) === 1, 'the first generation');

  const again = await enqueueGenerations(Array(10).fill('Tell me about the sea.'), 60);
  const embeds = await enqueueEmbeds(database, texts(200, 'A sentence about ships, number'));
  await waitFor(async () => (await countIn(database, again, 'processing')) === 10, 'the generations to run');
  const [row] = await asSuperuser(
    `select (engines -> 0 ->> 'pid')::int as pid from steadytext_workers where pid = $1`,
    [worker.pid],
  );
  process.kill(row.pid, 'SIGKILL');

  const ids = [...again, ...embeds];
  await waitFor(async () => (await countIn(database, ids, 'completed')) === 210, 'all to finish', 120_000);
  const fates = await fatesOf(database, ids);
  expect(fates.filter(({ logged, audited, retry_count }) => logged !== 1 || audited !== 1 || retry_count > 1)).toEqual(
    [],
  );
  expect(fates.filter(({ isolated }) => isolated).length).toBeGreaterThan(0);
  const results = 'select distinct result from steadytext_queue where request_id = any ($1)';
  expect(await asSuperuser(results, [[...undisturbed, ...again]])).toHaveLength(1);
});

test('cancelling ends a running generation, and SIGTERM hands the rest back', { timeout: 900_000 }, async () => {
  const worker = await startCommand({ STEADYTEXT_DRAIN_SECONDS: '1' });
  const [long, longer] = await enqueueGenerations(['Write a very long story.', 'Write a longer story.'], 2000);
  await waitFor(async () => (await countIn(database, [long!, longer!], 'processing')) === 2, 'both to run');
  await asSuperuser('select steadytext_cancel_async($1)', [long]);
  worker.signal('SIGTERM');
  expect(await worker.exited).toBe(0);
  expect((await fatesOf(database, [long!, longer!])).map(({ status, retry_count }) => [status, retry_count])).toEqual([
    ['cancelled', 0],
    ['pending', 0],
  ]);
  expect(await asSuperuser('select from steadytext_workers where pid = $1', [worker.pid])).toEqual([]);
});
