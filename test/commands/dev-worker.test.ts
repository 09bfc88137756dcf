// `steadytext dev` with its worker and the real models: ready means ready, and worker and engines end with it, however it ends.

import { describe, expect, test } from 'vitest';
import { isAlive, treeOf } from '../cli/processes.ts';
import { openClient } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { type Running, startSteadytext } from './steadytext-process.ts';

/** A dev that stays, with one engine; resolves when it has printed its addresses. */
async function startDev(): Promise<{ dev: Running; writerUrl: string; below: number[] }> {
  const dev = startSteadytext(['dev', '--temp', '--engines', '1']);
  // The first run on a machine fetches and converts the models.
  const [, writerUrl] = await dev.printed(/^writer {2}(\S+)/m, 500_000);
  const tree = treeOf(dev.pid);
  for (const part of [/steadytext\.mjs worker/, /engine-main/, /postgres -D/])
    expect(tree.some(({ command }) => part.test(command))).toBe(true);
  return { dev, writerUrl: writerUrl!, below: tree.map(({ pid }) => pid) };
}

const allEnded = (pids: readonly number[]) =>
  waitFor(() => pids.every((pid) => !isAlive(pid)), 'all processes to end', 20_000);

describe.sequential('worker and engines', { timeout: 600_000 }, () => {
  test('end with a kill -9 of dev, which can say no goodbye', async () => {
    const { dev, below } = await startDev();
    dev.child.kill('SIGKILL');
    expect(await dev.ended).toBe('SIGKILL');
    await allEnded(below);
  });

  test('a worker that was killed is told with the signal, and the database goes on', async () => {
    const { dev, below } = await startDev();
    const worker = treeOf(dev.pid).find(({ command }) => command.includes('steadytext.mjs worker'))!;
    process.kill(worker.pid, 'SIGKILL');
    await dev.printed(/^The worker was ended by SIGKILL; the database goes on/m);
    dev.child.kill('SIGINT');
    expect(await dev.ended).toBe(0);
    await allEnded(below);
  });

  test('end at once with a PostgreSQL that was killed, also one whose worker had been', async () => {
    for (const workerFirst of [false, true]) {
      const { dev, below } = await startDev();
      const tree = treeOf(dev.pid);
      const worker = tree.find(({ command }) => command.includes('steadytext.mjs worker'))!;
      if (workerFirst) process.kill(worker.pid, 'SIGKILL');
      if (workerFirst) await dev.printed(/^The worker was ended by SIGKILL/m);
      process.kill(tree.find((row) => row.parent === dev.pid && / -D /.test(row.command))!.pid, 'SIGKILL');
      await allEnded(below);
      expect(await dev.ended).toBe(1);
      expect(dev.stderr()).toMatch(/\nST067 EmbeddedServerFailed: .*\nhint: .*\n$/);
    }
  });

  test('Ctrl-C lets a running request end; a second one leaves at once', async () => {
    const { dev, writerUrl, below } = await startDev();
    const client = await openClient(writerUrl);
    client.on('error', () => undefined);
    await client.query("select steadytext_generate_async('Tell a very long story about the sea.', max_tokens => 4096)");
    const running = async () =>
      (await client.query("select from steadytext_requests where status = 'processing'")).rowCount;
    await waitFor(running, 'the request to run');
    dev.child.kill('SIGINT');
    await dev.printed(/^Stopping when running requests have ended/m);
    const worker = treeOf(dev.pid).find(({ command }) => command.includes('steadytext.mjs worker'))!;
    await waitFor(() => {
      // Signals close together count as one, so the second is sent until it is heard.
      if (isAlive(worker.pid)) dev.child.kill('SIGINT');
      return !isAlive(worker.pid);
    }, 'the worker to be ended');
    expect(await dev.ended).toBe(0);
    await allEnded(below);
    await client.end().catch(() => undefined);
  });
});
