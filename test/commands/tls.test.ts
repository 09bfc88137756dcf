// Encrypted connections: what each command says when one does not come to be, and that one which may, does.

import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../cli/world.ts';
import { CERTIFICATES, serverUrl } from '../support/encrypted-server.ts';

const COMMANDS = [['sql', 'select 1'], ['status'], ['enqueue', 'embed', 'x'], ['migrate'], ['worker']];

async function expectUnreachable(url: URL, message: RegExp, hint: RegExp) {
  for (const args of COMMANDS) {
    const { status, stdout, stderr } = await runCommand([...args, '--url', url.href]);
    expect({ status, stdout }, stderr).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^ST051 DatabaseUnreachable: .*\nhint: .*\n$/);
    expect(stderr.split('\n')[0]).toMatch(message);
    expect(stderr.split('\n')[1]).toMatch(hint);
  }
}

function collectWarnings(): Error[] {
  const warnings: Error[] = [];
  const hear = (warning: Error) => warnings.push(warning);
  process.on('warning', hear);
  onTestFinished(() => void process.off('warning', hear));
  return warnings;
}

test('a certificate that nobody vouches for, and one of another name', async () => {
  const warnings = collectWarnings();
  const url = await serverUrl(true);
  url.search = 'sslmode=require';
  await expectUnreachable(url, /self-signed certificate/, /sslrootcert=<file>.*sslmode=no-verify/);

  url.search = `sslmode=verify-full&sslrootcert=${join(CERTIFICATES, 'server.crt')}`;
  const encrypted = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';
  expect(await runCommand(['sql', '--csv', encrypted, '--url', url.href])).toMatchObject({ stdout: 'ssl\nt\n' });

  url.hostname = '127.0.0.1';
  await expectUnreachable(url, /does not match certificate's altnames/, /by a name that the certificate has/);
  url.search = 'sslmode=no-verify';
  expect(await runCommand(['sql', '--csv', encrypted, '--url', url.href])).toMatchObject({ stdout: 'ssl\nt\n' });
  expect(warnings).toEqual([]);
});

test('a server that takes no encrypted connections', async () => {
  const url = await serverUrl(false);
  url.search = 'sslmode=require';
  await expectUnreachable(url, /does not support SSL/, /ssl = on.*sslmode=disable/);
  url.search = 'sslmode=nonsense';
  for (const args of COMMANDS)
    expect(await runCommand([...args, '--url', url.href])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/sslmode .*is one of disable, /),
    });
});
