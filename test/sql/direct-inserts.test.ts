// A direct insert says what it may say and nothing else, also by a view: the defaults of a view over our table are written
// without a right to the columns.
import { expect, test } from 'vitest';
import { type Row, useQueue } from './support/queue.ts';

const queue = useQueue();

/** Values that a request would be better off with, or somebody else worse. By column, all that are not granted. */
const FORGED: Readonly<Record<string, string>> = {
  user_id: '$victim',
  asked_by: `'$name'`,
  retry_count: '1',
  max_retries: '99',
  runnable: 'false',
  isolated: 'true',
  status: `'completed'`,
  model: `'somebody else''s'`,
  lease_token: '7',
  leased_by: `'00000000-0000-7000-8000-000000000001'`,
  lease_expires_at: `'2030-01-01'`,
  scheduled_at: `'2000-01-01'`,
  started_at: `'2000-01-01'`,
  completed_at: `'2000-01-01'`,
  processing_time_ms: '1',
  tokens_in: '1',
  tokens_out: '1',
  cost_estimate: '1e-30',
  input_bytes: '0',
  enqueued_xid: `'3'`,
  client_addr: `'10.0.0.1'`,
  idempotency_key: `'hers'`,
  call_digest: `'\\x00'`,
  cache_key: `'k'`,
  traceparent: `'t'`,
  daemon_endpoint: `'d'`,
  model_digest: `'m'`,
  prompts: `'{p}'`,
  result: `'FORGED'`,
  results: `'{FORGED}'`,
  embedding: `'{1}'`,
  embeddings: `'{{1}}'`,
  error: `'e'`,
  receipt: `'{}'`,
  verifies: `'00000000-0000-7000-8000-000000000002'`,
};
const INSERT = `(prompt, request_type) values ('a text', 'embed') returning request_id`;
/** What differs from row to row by itself. */
const OWN = ['id', 'request_id', 'created_at', 'scheduled_at', 'enqueued_xid'];
const without = (row: Row) => Object.fromEntries(Object.entries(row).filter(([name]) => !OWN.includes(name)));

test('a view with defaults for the columns that are not granted gives the row that a plain insert gives', async () => {
  const [alice, bob] = [await queue.session('alice'), await queue.session('bob')];
  const superuser = await queue.superuser();
  await alice.rows(`select steadytext_embed_async('hers')`);
  const [victim, name] = [
    await alice.value('select current_user_id()'),
    await alice.value('select session_user::text'),
  ];
  const plain = await bob.value(`insert into steadytext_queue ${INSERT}`);
  const rowOf = async (id: unknown) =>
    (await superuser.rows('select * from steadytext_queue where request_id = $1', [id]))[0]!;
  const expected = without(await rowOf(plain));

  const granted = await superuser.rows(
    `select attname as name, has_column_privilege('steadytext_writer', attrelid, attnum, 'insert') as granted
     from pg_attribute where attrelid = 'steadytext_queue'::regclass and attnum > 0 and not attisdropped`,
  );
  const closed = granted.filter((column) => !column.granted).map((column) => column.name);
  expect(Object.keys(FORGED).sort()).toEqual(closed.filter((column) => column !== 'id').sort());

  await bob.rows('create temp view forged as select * from steadytext_queue');
  for (const [column, value] of Object.entries(FORGED)) {
    const written = value.replace('$victim', String(victim)).replace('$name', String(name));
    await bob.rows(`alter view forged alter column ${column} set default ${written}`);
  }
  // A view needs the right to read all of its columns. To whom an administrator has granted the table:
  await expect(bob.rows(`insert into forged ${INSERT}`)).rejects.toMatchObject({ code: '42501' });
  await superuser.rows(`grant select on steadytext_queue to ${await bob.value('select session_user::text')}`);
  const row = await rowOf(await bob.value(`insert into forged ${INSERT}`));
  expect(without(row)).toEqual(expected);
  expect(row.scheduled_at.getTime()).toBeGreaterThan(Date.now() - 60_000);
  expect(BigInt(row.enqueued_xid)).toBeGreaterThan(3n);
  // An id is nobody's to say, and a wrong input is refused as ever.
  await bob.rows('alter view forged alter column id set default 1');
  await expect(bob.rows(`insert into forged ${INSERT}`)).rejects.toMatchObject({ code: '428C9' });
  await bob.rows('alter view forged alter column id drop default');
  await expect(bob.rows(`insert into forged (prompt, request_type) values (null, 'embed')`)).rejects.toThrow();
});

test('nor does an administrator bind a user to another role than the one that is named', async () => {
  const [alice, boss] = [await queue.session('alice'), await queue.session('boss', ['steadytext_admin'])];
  const superuser = await queue.superuser();
  const [name, victim] = [
    await boss.value('select session_user::text'),
    await alice.value('select session_user::text'),
  ];
  await superuser.rows('delete from steadytext_users where role_name in ($1, $2)', [name, victim]);
  await boss.rows('create temp view forged as select * from steadytext_users');
  const oid = await superuser.value('select $1::regrole::oid', [victim]);
  await boss.rows(`alter view forged alter column role_oid set default ${oid}`);
  await boss.rows('alter view forged alter column binding_mark set default 7');
  await boss.rows('insert into forged (role_name, weight) values ($1, 2)', [name]);
  expect(
    await superuser.rows(
      `select role_oid = to_regrole(role_name) as bound, binding_mark = steadytext_private.binding_mark() as here
       from steadytext_users where role_name = $1`,
      [name],
    ),
  ).toEqual([{ bound: true, here: true }]);
});

test('an auditor, who hands on what is to be verified, enqueues nothing that way', async () => {
  const auditor = await queue.session('auditor', ['steadytext_auditor']);
  await auditor.rows('create temp view c as select * from steadytext_private.calls');
  await auditor.rows(`alter view c alter column inputs set default '{x}'`);
  await expect(auditor.rows(`insert into c (call) values ('embed')`)).rejects.toMatchObject({ code: 'ST010' });
});
