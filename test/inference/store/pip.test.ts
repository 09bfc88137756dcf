// A pip that is stopped is ended, and all that it has started: python3 is often a shell script in front of the real one.

import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { pipDownload } from '../../../workers/inference/store/pip.ts';
import { isAlive } from '../../cli/processes.ts';
import { startProcess } from '../../commands/steadytext-process.ts';
import { ROOT } from '../../house/source-tree.ts';
import { waitFor } from '../../support/wait-for.ts';
import { tempFolder } from './support.ts';

/** A python3 that downloads for ever, in a process of its own, and the ids of both once they run. */
async function endlessPython() {
  const folder = await tempFolder();
  const [python, pids] = [join(folder, 'python3'), join(folder, 'pids')];
  const script = `#!/bin/sh\nsleep 600 &\necho $$ $! > ${pids}-\nmv ${pids}- ${pids}\nwait\n`;
  await writeFile(python, script, { mode: 0o755 });
  let running: number[] = [];
  onTestFinished(() => {
    for (const pid of running) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  const started = async () => {
    await waitFor(() => existsSync(pids), 'pip to run');
    running = readFileSync(pids, 'utf8').split(' ').map(Number);
    expect(running.map(isAlive)).toEqual([true, true]);
    return running;
  };
  return { folder, python, started };
}

const allEnded = (pids: readonly number[]) => waitFor(() => !pids.some(isAlive), 'all of pip to end', 10_000);

test('when the pull is told to stop, which is then answered', async () => {
  const { folder, python, started } = await endlessPython();
  const stop = new AbortController();
  const options = { python, env: process.env, silenceMs: 600_000 };
  const task = { update: () => {}, end: () => {} };
  let answer: unknown;
  const download = pipDownload('tiny==1.0', folder, task, options, stop.signal).catch((error) => {
    answer = error;
  });
  const running = await started();
  stop.abort(new Error('told to stop'));
  await waitFor(() => answer, 'the answer', 10_000);
  expect(answer).toMatchObject({ message: 'told to stop' });
  await download;
  await allEnded(running);
});

test('when the process that pulls exits', async () => {
  const { folder, python, started } = await endlessPython();
  const code = `
    const { pipDownload } = await import(${JSON.stringify(join(ROOT, 'workers/inference/store/pip.ts'))});
    const options = { python: '${python}', env: process.env, silenceMs: 600_000 };
    process.once('SIGTERM', () => process.exit(0));
    await pipDownload('tiny==1.0', '${folder}', { update() {}, end() {} }, options);`;
  const parent = startProcess(process.execPath, ['--input-type=module', '-e', code]);
  onTestFinished(() => void parent.child.kill('SIGKILL'));
  const running = await started();
  parent.child.kill('SIGTERM');
  await allEnded(running);
  expect(await parent.ended).toBe(0);
});
