// `npm run build`: the folder it makes runs as a package, without TypeScript, tests or a checkout.

import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ROOT } from '../house/source-tree.ts';
import { startProcess } from './steadytext-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'steadytext-test-build-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const build = (place: string) => startProcess(process.execPath, [join(ROOT, 'scripts', 'build.ts'), place]);

test.each([
  ['that holds something else', 'notes.txt', 'mine'],
  ['that looks like a checkout', 'package.json', readFileSync(join(ROOT, 'package.json'), 'utf8')],
  ['of another package', 'package.json', '{"name":"other"}'],
  ['whose package.json says nothing', 'package.json', '[not JSON'],
])('a folder %s is refused and stays as it was', async (_, name, text) => {
  const place = mkdtempSync(join(folder, 'other-'));
  writeFileSync(join(place, name), text);
  const refused = build(place);
  expect(await refused.ended, refused.stdout()).toBe(1);
  expect(refused.stderr()).toMatch(/^Expected a new or empty folder, .* got .*\nhint: .*\n$/);
  expect(readFileSync(join(place, name), 'utf8')).toBe(text);
});

test('an earlier build is replaced, also one that was cut short', async () => {
  const place = join(folder, 'again');
  mkdirSync(join(place, 'workers'), { recursive: true });
  const { scripts, devDependencies, ...manifest } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  writeFileSync(join(place, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(place, 'workers', 'of-before.js'), '');
  const again = build(place);
  expect(await again.ended, again.stderr()).toBe(0);
  expect(existsSync(join(place, 'workers', 'of-before.js'))).toBe(false);
  expect(existsSync(join(place, 'workers', 'cli.js'))).toBe(true);
});

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
