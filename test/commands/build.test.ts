// `npm run build`: the folder it makes runs as a package, without TypeScript, tests or a checkout.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ROOT } from '../house/source-tree.ts';
import { startProcess } from './steadytext-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'steadytext-test-build-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the built command starts a database and a worker, and embeds', { timeout: 600_000 }, async () => {
  const built = join(folder, 'package');
  execFileSync(process.execPath, [join(ROOT, 'scripts', 'build.ts'), built], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  symlinkSync(join(ROOT, 'node_modules'), join(built, 'node_modules'));

  const left = readdirSync(built, { recursive: true, encoding: 'utf8' }).filter(
    (path) => /\.ts$/.test(path) && !path.endsWith('.d.ts') && !path.startsWith('node_modules'),
  );
  expect(left).toEqual([]);
  const manifest = JSON.parse(readFileSync(join(built, 'package.json'), 'utf8')) as Record<string, unknown>;
  expect(manifest).not.toHaveProperty('devDependencies');

  const steadytext = join(built, 'bin', 'steadytext.mjs');
  const embed = `"${process.execPath}" "${steadytext}" enqueue embed "a text" --wait`;
  const dev = startProcess(process.execPath, [steadytext, 'dev', '--temp', '--engines', '1', '--exec', embed]);
  expect(await dev.ended, dev.stderr()).toBe(0);
  expect(JSON.parse(dev.stdout())).toHaveLength(384);
});
