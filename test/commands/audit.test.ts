// `steadytext audit verify` beside workers that sign with a key: what it proves, and what it finds.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { sealAuditLog } from '../../workers/maintenance/seal-audit-log.ts';
import { readAuditKeys } from '../../workers/queue/audit-signature.ts';
import { QueueClient } from '../../workers/queue/client.ts';
import { runCommand } from '../cli/world.ts';
import { kept } from '../fleet/support/parts.ts';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';

const database = useDatabase();
const asSuperuser = (text: string) => database.query(database.superuserUrl, text);
const KEY = 'k'.repeat(32);
let auditor: string;

beforeAll(async () => {
  auditor = await database.login(['steadytext_auditor']);
});

/** A worker's task with these keys, run until all is sealed; what it logs. */
async function sealed(...secrets: string[]): Promise<Record<string, unknown>[]> {
  const db = new QueueClient({ url: database.workerUrl, privateSchema: 'steadytext_private', name: 'seal' });
  onTestFinished(() => db.close());
  const { lines, log } = kept();
  const task = sealAuditLog();
  const file = join(tmpdir(), `steadytext-keys-${process.pid}`);
  if (secrets.length > 0) writeFileSync(file, secrets.join('\n'));
  await asSuperuser(`select steadytext_cancel_async(steadytext_embed_async('x', use_cache => false))`);
  const keys = readAuditKeys({ auditKey: undefined, auditKeyFile: secrets.length > 0 ? file : undefined });
  await waitFor(async () => {
    await task(db, log, keys);
    return (await asSuperuser('select unsealed_rows::int as n from steadytext_verify_audit()'))[0].n === 0;
  }, 'all to be sealed');
  return lines;
}

const verify = (flags: readonly string[] = [], key = KEY) =>
  runCommand(['audit', 'verify', '--url', auditor, ...flags], { STEADYTEXT_AUDIT_KEY: key });

test('seals are signed by the workers, and proved with their key', async () => {
  const lines = await sealed(KEY);
  expect(lines.map(({ msg }) => msg)).toContain('audit seal signed');
  const { seal, hash } = lines.findLast(({ msg }) => msg === 'audit seal signed') as { seal: string; hash: string };
  const found = await verify(['--anchor', `${seal}:${hash.slice(0, 16)}`]);
  expect(found.stdout).toMatch(/^intact: (\d+) seals \(\1 signed\) over \d+ rows, 0 of them dropped/);
  expect(found.status).toBe(0);
  const keyless = await verify([], '');
  expect(keyless.stdout).toContain('signatures not checked, for want of a key');
  expect(keyless.status).toBe(0);
  expect(JSON.parse((await verify(['--json'])).stdout)).toMatchObject({ intact: true, problems: [] });
});

test('a key that is changed goes first in the file, and the one before it still proves what it signed', async () => {
  await sealed(KEY);
  const other = 'n'.repeat(40);
  expect((await sealed(other, KEY)).map(({ msg }) => msg)).not.toContain('audit seals not signed');
  expect((await verify()).stdout).toMatch(/signature wrong, or with another key: seal \d+\nnot intact/);
  const file = join(tmpdir(), `steadytext-both-${process.pid}`);
  writeFileSync(file, `${other}\n${KEY}\n`);
  const both = await runCommand(['audit', 'verify', '--url', auditor], { STEADYTEXT_AUDIT_KEY_FILE: file });
  expect(both).toMatchObject({ status: 0, stdout: expect.stringMatching(/^intact/) });
});

test('a worker that has signed a seal signs nothing more when that is there again without', async () => {
  const db = new QueueClient({ url: database.workerUrl, privateSchema: 'steadytext_private', name: 'seal' });
  onTestFinished(() => db.close());
  const { lines, log } = kept();
  const task = sealAuditLog();
  const keys = readAuditKeys({ auditKey: KEY, auditKeyFile: undefined });
  await sealed(KEY);
  await task(db, log, keys);
  await asSuperuser(`select steadytext_cancel_async(steadytext_embed_async('x', use_cache => false))`);
  await waitFor(async () => {
    await task(db, log, keys);
    return lines.some(({ msg }) => msg === 'audit seal signed');
  }, 'a seal to be signed');
  const unsign =
    'update steadytext_audit_seals set mac = null, signed_at = null, key_id = null where number = (select max(number) from steadytext_audit_seals)';
  await asSuperuser(unsign);
  await task(db, log, keys);
  expect(lines.at(-1)).toMatchObject({ level: 'error', msg: 'audit seals not signed', reason: 'it was signed before' });
  // Another worker cannot know, unless what comes before was not signed by that key.
  const other = kept();
  await asSuperuser(
    `update steadytext_audit_seals set mac = sha256('x') where number = (select max(number) - 1 from steadytext_audit_seals)`,
  );
  await sealAuditLog()(db, other.log, keys);
  expect(other.lines).toMatchObject([
    { msg: 'audit seals not signed', reason: 'the signature before it is not right' },
  ]);
  expect(JSON.stringify([lines, other.lines])).not.toContain(KEY);
  await asSuperuser('update steadytext_audit_seals set mac = null, signed_at = null, key_id = null');
});

test.each([
  [{ STEADYTEXT_AUDIT_KEY: 'short' }, /STEADYTEXT_AUDIT_KEY: expected a secret of at least 32 characters/],
  [{ STEADYTEXT_AUDIT_KEY_FILE: '/nowhere/audit.key' }, /STEADYTEXT_AUDIT_KEY_FILE: expected a file that can be read/],
  [{ STEADYTEXT_AUDIT_KEY_FILE: import.meta.filename }, /a key of at least 32 characters on each line/],
])('a key that is none is told, and not shown: %o', async (env, message) => {
  const { status, stderr } = await runCommand(['audit', 'verify', '--url', auditor], env);
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain('short');
  expect(status).toBe(2);
});

test.each([
  [
    'a signature with no key of ours',
    `update steadytext_audit_seals set mac = sha256('x'), signed_at = now(), key_id = key_id
     where number = (select max(number) from steadytext_audit_seals)`,
    /signature wrong/,
  ],
  [
    'a signature in between that is gone',
    `update steadytext_audit_seals set mac = null, signed_at = null, key_id = null where number = 1`,
    /seal not signed: seal 1, although seal 2 is/,
  ],
  [
    'a row that was changed',
    `set session_replication_role = replica; update steadytext_audit_log set error_message = 'x'`,
    /row changed: row \d+ of seal \d+/,
  ],
  [
    'a function that says what it likes',
    `create or replace function steadytext.steadytext_verify_audit() returns table (
     intact boolean, problem text, seal bigint, row_id bigint, epochs int, seals bigint, signed bigint,
     sealed_rows bigint, dropped_rows bigint, unsealed_rows bigint) language sql as
     'select true, null::text, null::bigint, null::bigint, 1, 1::bigint, 1::bigint, 1::bigint, 0::bigint, 0::bigint'`,
    /steadytext_verify_audit is not this release's/,
  ],
])('%s is told, with exit status 1', async (_, statement, told) => {
  await sealed(KEY);
  const copy = await database.connect(database.superuserUrl);
  onTestFinished(() => copy.end());
  const before = await asSuperuser('select number, mac, signed_at, key_id from steadytext_audit_seals');
  const definition = await asSuperuser(`select pg_get_functiondef('steadytext.steadytext_verify_audit'::regproc) as d`);
  const rows = await asSuperuser('select id, error_message from steadytext_audit_log');
  try {
    await copy.query(statement);
    const found = await verify();
    expect(found.stdout).toMatch(told);
    expect(found.status).toBe(1);
  } finally {
    await copy.query('set session_replication_role = replica');
    await copy.query(definition[0].d);
    for (const { number, mac, signed_at, key_id } of before)
      await copy.query('update steadytext_audit_seals set mac = $2, signed_at = $3, key_id = $4 where number = $1', [
        number,
        mac,
        signed_at,
        key_id,
      ]);
    for (const { id, error_message } of rows)
      await copy.query('update steadytext_audit_log set error_message = $2 where id = $1', [id, error_message]);
  }
});
