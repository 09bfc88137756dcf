// `steadytext models pull` with its own converter: it can be stopped at work, and says what it found damaged.

import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../workers/cli.ts';
import { startProcess } from '../commands/steadytext-process.ts';
import { ROOT } from '../house/source-tree.ts';
import { tinyBert } from '../inference/convert/tiny-bert.ts';
import { tinyLlama } from '../inference/convert/tiny-llama.ts';
import { tinyOnnxBert } from '../inference/convert/tiny-onnx-bert.ts';
import {
  broughtFolder,
  embeddingSource,
  readyMadeSource,
  type TinySource,
  temporaryFolder,
  textSource,
} from '../inference/convert/tiny-source.ts';
import { canMount } from '../support/can-mount.ts';
import { waitFor } from '../support/wait-for.ts';
import { makeWorld, runCommand } from './world.ts';

function tinyWorld(source: TinySource) {
  const cacheDir = join(source.folder, 'cache');
  return {
    args: ['models', 'pull', source.manifestEntry.name, '--format', 'nb8'],
    env: { STEADYTEXT_CACHE_DIR: cacheDir, STEADYTEXT_MODEL_DIR: broughtFolder(source) },
    tmp: join(cacheDir, 'models', 'tmp'),
    converted: join(cacheDir, 'models', 'converted', source.manifestEntry.name),
    blob: (role: string) => {
      const { sha256 } = source.manifestEntry.files.find((file) => file.role === role)!;
      return join(cacheDir, 'models', 'blobs', `sha256-${sha256}`);
    },
  };
}

/** The events of the log on standard error, between whatever else is told there. */
function events(stderr: string): string[] {
  const lines = stderr.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line)).map(({ level, msg }) => `${level} ${msg}`);
}

test('a stop ends the conversion, with status 130 and nothing half-written left', async () => {
  // Large enough that the stop comes while weights are being written.
  const large = { hidden: 512, feedForward: 4096, heads: 8, kvHeads: 4, headSize: 64 };
  const { args, env, tmp, converted } = tinyWorld(textSource(tinyLlama(1, large).bytes));
  const world = makeWorld(env);
  const status = run(args, world.context);
  const begun = () => readdirSync(tmp).some((name) => existsSync(join(tmp, name, 'model', 'graph.data')));
  await waitFor(() => existsSync(tmp) && begun(), 'weights to be written');
  world.stop('SIGINT');
  expect(await status).toBe(130);
  expect(world.stderr()).toMatch(/Stopped; only whole files were kept\.\n$/);
  expect(world.stdout()).toBe('');
  expect(existsSync(converted)).toBe(false);
  expect(readdirSync(tmp)).toEqual([]);
});

test.skipIf(!canMount)('a disk that is too small for the conversion is told with what is free without it', async () => {
  // 5.1 MB of weights in a file, and as many converted.
  const source = textSource(tinyLlama(1, { hidden: 256, feedForward: 512, heads: 8, kvHeads: 8, headSize: 32 }).bytes);
  const { env } = tinyWorld(source);
  await mkdir(env.STEADYTEXT_CACHE_DIR);
  const mounted = `mount -t tmpfs -o size=7m none "$STEADYTEXT_CACHE_DIR" && exec "$@"`;
  const command = [process.execPath, join(ROOT, 'bin', 'steadytext.mjs'), 'models', 'pull', 'tiny-text'];
  const shell = ['--map-root-user', '--mount', 'sh', '-c', mounted, 'sh', ...command, '--format', 'fp32'];
  const pull = startProcess('unshare', shell, env);
  expect(await pull.ended).toBe(1);
  expect(pull.stderr()).toMatch(/converted to fp32, needs .* in .*, where [\d.]+ MB are free now: the disk is full$/m);
});

test('progress is told once a conversion, and the log keeps to what is wrong unless more is asked for', async () => {
  const { args, env } = tinyWorld(embeddingSource(tinyBert(1)));
  const quiet = await runCommand(args, env);
  expect(quiet).toMatchObject({ status: 0, stdout: expect.stringMatching(/^tiny-embedding: .*, nb8 in /) });
  expect(quiet.stderr.match(/^converting tiny-embedding to nb8: 100 %.*, ended$/gm)).toHaveLength(1);
  expect(events(quiet.stderr)).toEqual([]);
  expect((await runCommand(['models', 'remove', 'tiny-embedding'], env)).status).toBe(0);
  const asked = await runCommand(args, { ...env, STEADYTEXT_LOG_LEVEL: 'info' });
  expect(new Set(events(asked.stderr))).toEqual(
    new Set(['info model.file_fetched', 'info model.format_chosen', 'info model.converted']),
  );
});

test('a ready-made graph is told with the format that it is in, not with the one asked for', async () => {
  const model = tinyBert(1);
  const { graph } = tinyOnnxBert(model, { location: 'model.onnx_data' });
  const { args, env } = tinyWorld(readyMadeSource({ ...model, bytes: graph }));
  expect(await runCommand(args, env)).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/, own in \/.*\/own-/),
  });
});

test('a wrong number format is told by the place it came from', async () => {
  const env = { STEADYTEXT_CACHE_DIR: temporaryFolder() };
  const expected = 'expected one of auto, row8, row8u, nb8, nb4, fp32, got "foo"';
  const flag = await runCommand(['models', 'pull', '--format', 'foo'], env);
  expect(flag).toMatchObject({ status: 2, stderr: expect.stringContaining(`: --format: ${expected}\n`) });
  const variable = await runCommand(['models', 'pull'], { ...env, STEADYTEXT_MODEL_FORMAT: 'foo' });
  expect(variable.stderr).toContain(`: STEADYTEXT_MODEL_FORMAT: ${expected}\n`);
});

test('a damaged file, fetched or converted, is warned of and put right', async () => {
  const { args, env, converted, blob } = tinyWorld(embeddingSource(tinyBert(1)));
  await runCommand(args, env);
  const [folder] = readdirSync(converted);
  writeFileSync(join(converted, folder!, 'graph.data'), 'no weights');
  rmSync(blob('tokenizer'));
  mkdirSync(blob('tokenizer'));
  chmodSync(blob('config'), 0o644);
  writeFileSync(blob('config'), 'no configuration');
  const again = await runCommand(args, env);
  expect(again.status).toBe(0);
  expect(again.stderr).toMatch(
    /^tiny-embedding: config.json is damaged and is fetched again: it has sha256 [0-9a-f]{64}$/m,
  );
  expect(again.stderr).toMatch(/^tiny-embedding: tokenizer.json is damaged and is fetched again: it is a folder$/m);
  expect(again.stderr).toMatch(/^tiny-embedding: what was converted to nb8 is damaged and is made anew: \S/m);
  expect(events(again.stderr)).toEqual([]);
  expect((await runCommand(['models', 'verify'], env)).stdout).toMatch(/ files read, all as they should be\n$/);
});
