// Configuration: one frozen object, every problem at once, and a page that says the same as the code.

import { availableParallelism, homedir, hostname, userInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { CONFIG_VARIABLES, type ConfigField, hostAddresses, loadConfig } from '../../workers/config.ts';
import { SteadyTextError } from '../../workers/errors.ts';
import { namesOf } from '../../workers/queue/migrate/names.ts';
import { ROLES } from '../../workers/queue/migrate/roles.ts';
import { tableRows } from '../docs/markdown.ts';
import { readText } from './source-tree.ts';

function problemsOf(load: () => unknown): string[] {
  try {
    load();
  } catch (error) {
    if (error instanceof SteadyTextError && error.name === 'InvalidConfiguration') return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('what is read', () => {
  test('an empty environment gives the defaults, frozen', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({ schema: 'steadytext', rolePrefix: '', leaseSeconds: 30, modelFormat: 'auto' });
    expect(config.cacheDir).toBe(`${homedir()}/.cache/steadytext`);
    expect(config.workerName).toBe(hostname());
    expect(Object.isFrozen(config)).toBe(true);
  });

  test('variables are read, flags win over them, and empty text counts as not given', () => {
    const env = { STEADYTEXT_ENGINES: '3', STEADYTEXT_SCHEMA: 'ai', STEADYTEXT_LOG_LEVEL: '  ' };
    expect(loadConfig(env)).toMatchObject({ engines: 3, schema: 'ai', logLevel: 'info' });
    expect(loadConfig(env, { engines: '1', schema: undefined })).toMatchObject({ engines: 1, schema: 'ai' });
  });

  test('the listening address is the database address unless it is given', () => {
    const env = { DATABASE_URL: 'postgres://worker@bouncer/app' };
    expect(loadConfig(env).listenUrl).toBe(env.DATABASE_URL);
    expect(loadConfig({ ...env, STEADYTEXT_LISTEN_URL: 'postgres://worker@server/app' }).listenUrl).toMatch(/@server/);
  });

  test('an address may have several hosts, each of which has all the rest', () => {
    const rest = '/app?target_session_attrs=read-write&sslmode=require';
    const { databaseUrl } = loadConfig({ DATABASE_URL: `postgres://a:b%40,c@one:5432,[::1]:5433,two${rest}` });
    expect(hostAddresses(databaseUrl!)).toEqual(
      ['one:5432', '[::1]:5433', 'two'].map(
        (host) => `postgres://a:b%40,c@${host}${rest.replace('=require', '=verify-full')}`,
      ),
    );
    for (const one of ['postgres://a:b,c@one/x', 'postgres:///x?host=/run/a,b', 'postgres://one/x,y'])
      expect(hostAddresses(one)).toEqual([one]);
  });

  test('the cache folder follows XDG_CACHE_HOME and HOME, and ~ in its own variable', () => {
    expect(loadConfig({ XDG_CACHE_HOME: '/var/cache', HOME: '/home/a' }).cacheDir).toBe('/var/cache/steadytext');
    expect(loadConfig({ HOME: '/home/a' }).cacheDir).toBe('/home/a/.cache/steadytext');
    expect(loadConfig({ XDG_CACHE_HOME: 'cache', HOME: '/home/a' }).cacheDir).toBe('/home/a/.cache/steadytext');
    for (const HOME of ['', 'home'])
      expect(loadConfig({ HOME }).cacheDir).toBe(`${userInfo().homedir}/.cache/steadytext`);
    expect(loadConfig({ STEADYTEXT_CACHE_DIR: '~/models' }).cacheDir).toBe(`${homedir()}/models`);
  });

  test('engines are as many as there are cores for their threads, one at least', () => {
    expect(loadConfig({}).engines).toBe(availableParallelism());
    expect(loadConfig({ STEADYTEXT_ENGINE_THREADS: '2' }).engines).toBe(Math.max(1, availableParallelism() >> 1));
    expect(loadConfig({ STEADYTEXT_ENGINE_THREADS: '64' }).engines).toBeGreaterThanOrEqual(1);
    expect(loadConfig({ STEADYTEXT_ENGINE_THREADS: '2', STEADYTEXT_ENGINES: '5' }).engines).toBe(5);
    expect(problemsOf(() => loadConfig({ STEADYTEXT_ENGINE_THREADS: '0' }))).toEqual([
      'STEADYTEXT_ENGINE_THREADS: expected a whole number from 1 to 64, got "0"',
    ]);
  });

  test('models are one name or several, each once', () => {
    const [one, two] = ['a-model', ' a.b , a_c,7'].map(
      (names) => loadConfig({ STEADYTEXT_TEXT_MODEL: names }).textModel,
    );
    expect([one, two]).toEqual([['a-model'], ['a.b', 'a_c', '7']]);
    for (const names of ['a,a', 'a,,b', ',a', 'A', 'a b']) {
      const [problem] = problemsOf(() => loadConfig({ STEADYTEXT_EMBEDDING_MODEL: names }));
      expect(problem).toMatch(/^STEADYTEXT_EMBEDDING_MODEL: expected a model name .*each once, got "/);
    }
  });
});

describe('what is refused', () => {
  test('every problem is told at once, each with what was expected and what came', () => {
    const env = { STEADYTEXT_ENGINES: 'many', STEADYTEXT_SCHEMA: 'No Good', STEADYTEXT_LOG_LEVEL: 'loud' };
    const problems = problemsOf(() => loadConfig(env, {}, ['databaseUrl']));
    expect(problems).toHaveLength(4);
    expect(problems[0]).toMatch(/^DATABASE_URL: expected a connection string .*, got nothing$/);
    expect(problems[1]).toMatch(/^STEADYTEXT_SCHEMA: .*, got "No Good"$/);
    expect(problems[2]).toBe('STEADYTEXT_ENGINES: expected a whole number from 1 to 256, got "many"');
    expect(problems[3]).toMatch(/^STEADYTEXT_LOG_LEVEL: expected one of trace, .*, got "loud"$/);
  });

  test.each([
    ['STEADYTEXT_LEASE_SECONDS', '0'],
    ['STEADYTEXT_SETTLE_DELAY_MS', '6'],
    ['STEADYTEXT_ENGINES', '1.5'],
    ['STEADYTEXT_POLL_FAST_MS', 'NaN'],
    ['STEADYTEXT_ROLE_PREFIX', '1st'],
    ['STEADYTEXT_SCHEMA', 'x'.repeat(42)],
    ['STEADYTEXT_TEXT_MODEL', '../etc/passwd'],
    ['HF_ENDPOINT', 'ftp://hub'],
    ['HF_ENDPOINT', 'https://['],
    ['HF_ENDPOINT', 'https://hub?token=s3cret'],
    ['HF_ENDPOINT', 'https://hub/#models'],
    ['STEADYTEXT_ENGINES', '0x10'],
    ['STEADYTEXT_LEASE_SECONDS', '1e1'],
    ['DATABASE_URL', 'postgres://a:b@127.0.0.1:notaport/x'],
    ['DATABASE_URL', 'postgres://a:b@127.0.0.1:99999/x'],
    ['DATABASE_URL', 'postgres://a:b@127.0.0.1:0/x'],
    ['DATABASE_URL', 'postgres://a:b@127.0.0.1/x?port=99999'],
    ['DATABASE_URL', 'postgres://a:b@[::1/x'],
    ['DATABASE_URL', 'postgres://a:b@one:5432,two:0/x'],
    ['DATABASE_URL', 'postgres://a:b@one,/x'],
    ['DATABASE_URL', 'postgres://a:b@one,two/x?sslmode=nonsense'],
    ['DATABASE_URL', 'postgres://a:%ff@127.0.0.1/x'],
    ['DATABASE_URL', 'postgres://a@127.0.0.1/x?sslmode=nonsense'],
    ['DATABASE_URL', 'postgres://a@127.0.0.1/x?sslmode='],
    ['DATABASE_URL', 'postgres://a@127.0.0.1/x?sslmode=verify-ca&uselibpqcompat=true'],
  ])('%s=%s', (variable, value) => {
    expect(problemsOf(() => loadConfig({ [variable]: value }))).toHaveLength(1);
  });

  test.each([
    'postgres:///app?host=/var/run/postgresql',
    'postgres://worker@/app?host=/var/run/postgresql',
    'postgresql://worker:p%40ss@[::1]:5432/app?sslmode=verify-full',
    'postgres://worker@%2Fvar%2Frun%2Fpostgresql/app',
    'postgres://worker@server/app?sslmode=require&uselibpqcompat=true',
    'postgres://worker@server/app?sslmode=no-verify',
  ])('but not %s', (url) => {
    expect(loadConfig({ DATABASE_URL: url }).databaseUrl).toBe(url);
  });

  test.each(['prefer', 'require', 'verify-ca'])('sslmode=%s is as strict as verify-full', (mode) => {
    const { databaseUrl } = loadConfig({ DATABASE_URL: `postgres://a@server/x?application_name=b&sslmode=${mode}` });
    expect(databaseUrl).toBe('postgres://a@server/x?application_name=b&sslmode=verify-full');
  });

  test('PGSSLMODE counts for an address that names no mode, as strictly, and is refused where it is not known', () => {
    const read = (url: string, mode: string) => loadConfig({ DATABASE_URL: url, PGSSLMODE: mode }).databaseUrl;
    expect(read('postgres://a@server/x', 'require')).toBe('postgres://a@server/x?sslmode=verify-full');
    expect(read('postgres://a@server/x?keepalives=1', 'no-verify')).toMatch(/\?keepalives=1&sslmode=no-verify$/);
    expect(read('postgres://a@server/x?sslmode=disable', 'nonsense')).toBe('postgres://a@server/x?sslmode=disable');
    expect(read('postgres:///x?host=/run/postgresql', 'require')).toMatch(/sslmode=disable$/);
    expect(read('postgres://a@%2Frun%2Fpostgresql/x', 'require')).toMatch(/sslmode=disable$/);
    expect(problemsOf(() => read('postgres://a@server/x', 'verifyfull'))).toEqual([
      expect.stringMatching(/PGSSLMODE.* one of disable, .* which verifyfull is not/),
    ]);
  });

  test('a mode of encryption that is not known, with the ones that are', () => {
    const url = 'postgres://a:hunter2@127.0.0.1/x?sslmode=nonsense';
    const [problem] = problemsOf(() => loadConfig({ DATABASE_URL: url }));
    expect(problem).toMatch(/^DATABASE_URL: .*sslmode .*is one of disable, .* which nonsense is not/);
    expect(problem).not.toContain('hunter2');
  });

  test('a certificate that cannot be read, with the variable and the file, and nothing else of the address', () => {
    const url = 'postgres://a:hunter2@127.0.0.1/x?sslrootcert=/nonexistent/root.pem';
    const [problem] = problemsOf(() => loadConfig({ STEADYTEXT_ADMIN_URL: url }));
    expect(problem).toMatch(/^STEADYTEXT_ADMIN_URL: .*sslrootcert.*\/nonexistent\/root\.pem/);
    expect(problem).not.toContain('hunter2');
  });

  test('a fast poll that is slower than the slow one', () => {
    const env = { STEADYTEXT_POLL_FAST_MS: '900', STEADYTEXT_POLL_SLOW_MS: '100' };
    expect(problemsOf(() => loadConfig(env))).toHaveLength(1);
  });

  test('no problem repeats an address, which may hold a password', () => {
    const secret = 'mysql://user:hunter2@host/db';
    const addresses = { DATABASE_URL: secret, STEADYTEXT_LISTEN_URL: secret, STEADYTEXT_ADMIN_URL: secret };
    const problems = problemsOf(() => loadConfig({ ...addresses, HF_ENDPOINT: secret }));
    expect(problems).toHaveLength(4);
    expect(problems.join()).not.toContain('hunter2');
    expect(problemsOf(() => loadConfig({ HF_ENDPOINT: 'https://hub?token=s3cret' })).join()).not.toContain('s3cret');
  });
});

describe('docs/configuration.md', () => {
  const [variables] = readText('docs/configuration.md').split('\n## Settings in the database\n');
  const rows = tableRows(variables!);

  test('has a row for each field, in the same order, with its variable and how to choose', () => {
    expect(rows.map(([field, variable]) => [field, variable])).toEqual(
      Object.entries(CONFIG_VARIABLES).map(([field, variable]) => [`\`${field}\``, `\`${variable}\``]),
    );
    for (const [, , , choice] of rows) expect(choice!.length).toBeGreaterThan(20);
  });

  test('says how the channels of another schema are called', () => {
    expect(namesOf('public').channelprefix).toBe('');
    for (const channel of ['steadytext_result', 'steadytext_completed'])
      expect(variables).toContain(`\`${namesOf('ai').channelprefix}${channel}\``);
  });

  test('has every role that migrate makes, and no other', () => {
    const [, roles] = readText('docs/configuration.md').split('\n## Roles\n');
    const named = tableRows(roles!).flatMap(([names]) => bare(names!).split(', '));
    expect(named.sort()).toEqual([...ROLES].sort());
  });

  test('states the defaults that the code has', () => {
    const config = loadConfig({});
    for (const [field, , stated] of rows) {
      const value = config[bare(field!) as ConfigField];
      if (/^(none|empty)$/.test(stated!)) expect(value ?? '').toBe('');
      else if (/^`?[\w.:/-]+`?$/.test(stated!) && !stated!.includes('DATABASE_URL'))
        expect(bare(stated!)).toBe(String(value));
    }
  });
});

function bare(code: string): string {
  return code.replaceAll('`', '');
}
