// The command line itself: help with examples everywhere, mistakes in one or two lines, statuses.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../workers/cli.ts';
import { ROOT } from '../house/source-tree.ts';
import { makeWorld, runCommand } from './world.ts';

const COMMANDS = [
  'worker',
  'migrate',
  'dev',
  'models',
  'enqueue',
  'sql',
  'status',
  'apply',
  'receipts',
  'audit',
  'setup',
  'config',
  'backup',
  'restore',
  'bench',
];

describe('help', () => {
  test('lists every command', async () => {
    const { status, stdout } = await runCommand(['--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/\nBegin with:\n {2}steadytext dev /);
    for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
    const { commands } = await createProgram(makeWorld({}).context);
    expect(commands.map((command) => command.name()).sort()).toEqual([...COMMANDS].sort());
  });

  test.each(COMMANDS.filter((name) => name !== 'bench'))('of %s says what it does and gives examples', async (name) => {
    const { status, stdout, stderr } = await runCommand([name, '--help']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`Usage: steadytext ${name}`));
    expect(stdout).toMatch(new RegExp(`Examples:[\\s\\S]*steadytext ${name}`));
  });

  test.each(['generate', 'embed', 'rerank'])('of enqueue %s gives an example of its own', async (name) => {
    const { status, stdout } = await runCommand(['enqueue', name, '--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`\\nExamples:\n  steadytext enqueue ${name} .*\n$`));
  });

  test('of bench is that of the script, which knows the same benches', async () => {
    const script = execFileSync(process.execPath, [join(ROOT, 'scripts', 'bench.ts'), '--help'], { encoding: 'utf8' });
    const [, names] = script.match(/<([a-z|-]+)>/)!;
    const { stderr } = await runCommand(['bench', 'frobnicate']);
    expect(stderr).toContain(`Expected one of ${names!.replaceAll('|', ', ')}, got frobnicate`);
  });

  test('the version is the one of package.json', async () => {
    expect(await runCommand(['--version'])).toMatchObject({ status: 0, stdout: '0.0.0-test\n' });
  });
});

describe('mistakes', () => {
  test.each([
    [
      ['enqueue', 'generate', 'hi', '--max-tokens', 'x', '--priority', 'y', '--temperature', 'z'],
      ['--max-tokens <number>', '--priority <number>', '--temperature <number>'],
    ],
    [
      ['enqueue', 'generate', '', '--seed', 'x', '--schema', '{'],
      ['--seed <number>', '--schema <json>', 'prompt'],
    ],
    [
      ['enqueue', 'rerank', 'x', '--priority', 'y'],
      ['--priority <number>', '--document <text>'],
    ],
    [['enqueue', 'embed', 'x', '--priority', 'y', '--timeout', '5'], ['--priority <number>']],
    [
      ['models', 'add', '.', '--name', 'A', '--kind', 'image'],
      ['--name <name>', '--kind <kind>'],
    ],
    [
      ['receipts', 'verify', '--sample', 'x', '--frobnicate'],
      ['--sample <number>', "unknown option '--frobnicate'"],
    ],
  ])('%j: all of them at once, a line each', async (args, wrong) => {
    const { status, stdout, stderr } = await runCommand(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    const told = stderr.split('\n').filter((line) => line.startsWith('error: '));
    expect(told).toEqual(wrong.map((one) => expect.stringContaining(one)));
  });

  test.each([
    [['frobnicate'], /unknown command 'frobnicate'/],
    [['bench', 'frobnicate'], /Expected one of queue, cache, batch, monitoring, embed, .*, got frobnicate/],
    [['sql', '--frobnicate'], /unknown option '--frobnicate'/],
    [['enqueue', 'generate'], /missing required argument 'prompt'/],
    [['enqueue', 'generate', 'x', '--max-tokens', 'many'], /Expected a whole number/],
    [
      ['enqueue', 'generate', 'x', '--temperature', '-1'],
      /'-1' is invalid. Expected a number from 0 .* such as 0\.5 or 1e-3/,
    ],
    [['enqueue', 'generate', 'x', '--temperature', '0x1'], /'0x1' is invalid. Expected a number/],
    [['enqueue', 'embed', 'x', '--wait', '--timeout', '1e9'], /'1e9' is invalid. Expected a number/],
    [['dev', '--exec', ''], /'--exec <command>' argument '' is invalid. Expected a command for the shell/],
    [['dev', '--exec', ' \n'], /Expected a command for the shell/],
    [['dev', '--data', ''], /'--data <folder>' argument '' is invalid. Expected a folder/],
    [['sql', '--json', '--csv', 'select 1'], /'--json' cannot be used with option '--csv'/],
    [['enqueue', 'embed', 'x', '--timeout', '5'], /'--timeout <seconds>' is of use with --wait only/],
    [['enqueue', 'rerank', 'x'], /required option '--document <text>' not specified/],
    [['enqueue', 'generate', ''], /value '' is invalid for argument 'prompt'. Expected some text/],
    [['enqueue', 'generate', 'x', '--pattern', ''], /'--pattern <regex>' argument '' is invalid. Expected some text/],
    [['enqueue', 'embed', ' \n'], /invalid for argument 'text'. Expected some text/],
    [['enqueue', 'rerank', '', '--document', 'x'], /invalid for argument 'query'. Expected some text/],
    [['enqueue', 'rerank', 'x', '--document', ''], /'--document <text>' argument '' is invalid. Expected some text/],
    [['migrate', '--check', '--print-roles'], /'--print-roles' cannot be used with option '--check'/],
    [['models', 'pull', 'nosuch1', 'nosuch2'], /^ST004 InvalidOption: .*, got "nosuch1", "nosuch2"\nhint: /],
  ])('%s: said in two lines, status 2', async (args, text) => {
    const { status, stdout, stderr } = await runCommand(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(text);
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
  });

  test.each([
    ['DATABASE_URL', ['worker']],
    ['DATABASE_URL', ['sql', 'select 1']],
    ['DATABASE_URL', ['status']],
    ['DATABASE_URL', ['enqueue', 'embed', 'x']],
    ['STEADYTEXT_ADMIN_URL', ['migrate']],
  ])('%s not given to %j: every problem of the configuration at once, status 2', async (variable, args) => {
    const { status, stderr } = await runCommand(args, { STEADYTEXT_LOG_LEVEL: 'loud' });
    expect(status).toBe(2);
    const told = `^ST050 InvalidConfiguration: ${variable}: expected .*, got nothing\nSTEADYTEXT_LOG_LEVEL: `;
    expect(stderr).toMatch(new RegExp(told));
  });

  test.each([['worker'], ['migrate'], ['sql', 'select 1'], ['status'], ['enqueue', 'embed', 'x']])(
    '%s with a malformed address: the variable and no stack, status 2',
    async (...args) => {
      const { status, stderr } = await runCommand(args, { DATABASE_URL: 'postgres://a:hunter2@127.0.0.1:notaport/x' });
      expect(status).toBe(2);
      expect(stderr).toMatch(/^ST050 InvalidConfiguration: DATABASE_URL: expected a connection string .*\nhint: .*\n$/);
      expect(stderr).not.toContain('hunter2');
      const flagged = await runCommand([...args, '--url', 'nonsense'], { DATABASE_URL: 'postgres://a@127.0.0.1/x' });
      expect(flagged).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/^ST050 \w+: --url: expected .*\nhint: /),
      });
    },
  );

  test("a malformed address of the owner's or of the listener is told once, by where it came from", async () => {
    for (const args of [['migrate'], ['status']]) {
      const { status, stderr } = await runCommand(args, { STEADYTEXT_ADMIN_URL: 'nonsense' });
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: expect.stringMatching(/^ST050 \w+: STEADYTEXT_ADMIN_URL: expected .*\nhint: .*\n$/),
      });
    }
    const worker = ['worker', '--url', 'postgres://a@127.0.0.1/x', '--listen-url', 'nonsense'];
    expect((await runCommand(worker)).stderr).toMatch(/^ST050 \w+: --listen-url: expected .*\nhint: .*\n$/);
  });

  test.each([['migrate'], ['sql', 'select 1'], ['status'], ['enqueue', 'embed', 'x']])(
    '%s where nothing listens: one sentence and a hint, status 1',
    async (...args) => {
      const { status, stderr } = await runCommand(args, { DATABASE_URL: 'postgres://a:hunter2@127.0.0.1:1/x' });
      expect(status).toBe(1);
      expect(stderr).toMatch(/^ST051 DatabaseUnreachable: .*\nhint: .*\n$/);
      expect(stderr).not.toContain('hunter2');
    },
  );

  test('an empty statement', async () => {
    const { status, stderr } = await runCommand(['sql'], { DATABASE_URL: 'postgres://a@127.0.0.1:1/x' }, '  \n');
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringMatching(/^ST004 .*empty text/) });
  });
});
