// `npm run build`: the folder it makes is a package that installs into an empty folder by the commands it prints, from npm
// alone, and runs there without TypeScript, tests or a checkout.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { isAlive, treeOf } from '../cli/processes.ts';
import { ROOT, readText } from '../house/source-tree.ts';
import { waitFor } from '../support/wait-for.ts';
import { startProcess } from './steadytext-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'steadytext-test-build-'));
// Where root runs the tests, an account of PostgreSQL's own starts the server that is installed in here.
chmodSync(folder, 0o755);
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

/**
 * Without what npm hands down to the tests it runs of our .npmrc, which nobody else has. What onnxruntime's install script
 * downloads goes by way of a proxy that is not there; npm itself does not know of it.
 */
const SHELL_ENV = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/onnxruntime/i.test(name))),
  GLOBAL_AGENT_HTTPS_PROXY: 'http://127.0.0.1:9',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_prefer_offline: 'true',
};

/** A build into a new folder that is killed once it compiles. */
async function cutShort(place: string): Promise<void> {
  const first = build(place);
  const compiler = () => treeOf(first.pid).find(({ command }) => command.includes('tsconfig.build.json'));
  const { pid } = await waitFor(compiler, 'the build to compile', 60_000);
  first.child.kill('SIGKILL');
  process.kill(pid, 'SIGKILL');
  await first.ended;
  await waitFor(() => !isAlive(pid), 'its compiler to end');
}

test('built where an earlier build was cut short, packed and installed, the command starts a database and a worker, and embeds', {
  timeout: 900_000,
}, async () => {
  const built = join(folder, 'package');
  await cutShort(built);
  mkdirSync(join(built, 'workers'), { recursive: true });
  writeFileSync(join(built, 'workers', 'of-before.js'), '');
  const printed = execFileSync(process.execPath, [join(ROOT, 'scripts', 'build.ts'), built], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const left = readdirSync(built, { recursive: true, encoding: 'utf8' }).filter(
    (path) => /\.ts$/.test(path) && !path.endsWith('.d.ts'),
  );
  expect(left).toEqual([]);
  expect(existsSync(join(built, 'workers', 'of-before.js'))).toBe(false);
  const manifest = JSON.parse(readFileSync(join(built, 'package.json'), 'utf8')) as Record<string, unknown>;
  expect(manifest).not.toHaveProperty('devDependencies');

  const [pack, install, ...others] = printed.match(/(?<=^ {2})\S.*/gm) ?? [];
  expect(others).toEqual([]);
  expect(readText('README.md')).toContain(`\`${install}\``);
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  for (const command of [pack!, install!])
    execFileSync('sh', ['-c', command], { cwd: empty, env: SHELL_ENV, stdio: ['ignore', 'ignore', 'inherit'] });

  const steadytext = join(empty, 'node_modules', 'steadytext-fleet', 'bin', 'steadytext.mjs');
  const embed = `"${process.execPath}" "${steadytext}" enqueue embed "a text" --wait`;
  const dev = startProcess(process.execPath, [steadytext, 'dev', '--temp', '--engines', '1', '--exec', embed]);
  expect(await dev.ended, dev.stderr()).toBe(0);
  expect(JSON.parse(dev.stdout())).toHaveLength(384);
});
