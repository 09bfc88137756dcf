// The seals of the audit log: whatever is done to a sealed row or to a seal is found, and named.
import { expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';
import { enqueued, useSealing } from './support/sealing.ts';

const queue = useQueue();
const sealing = useSealing(queue);

test('what has ended is sealed once, in pages of whole transactions, and found intact', async () => {
  await sealing.sealed(3);
  expect(await sealing.seal()).toBe(0);
  for (const text of ['a', 'b', 'c', 'd', 'e']) await sealing.alice.rows(`select ${enqueued(text)}`);
  await sealing.alice.rows(
    `select steadytext_cancel_async(id) from unnest(steadytext_embed_batch_async('{a,b,c}', use_cache => false)) id`,
  );
  const pages = await sealing.all(2);
  expect(pages.reduce((sum, rows) => sum + rows)).toBe(8);
  expect(pages.filter((rows) => rows > 2)).toEqual([3]);
  expect(await sealing.verdict()).toMatchObject({
    intact: true,
    problem: null,
    epochs: 1,
    sealed_rows: '11',
    unsealed_rows: '0',
    dropped_rows: '0',
    signed: '0',
  });
});

test('a transaction that is still running holds back what began after it, and is sealed when it ends', async () => {
  await sealing.sealed(1);
  const slow = await queue.session('slow');
  await slow.rows('begin');
  await slow.rows(`select ${enqueued('slow')}`);
  for (let i = 0; i < 3; i++) await sealing.alice.rows(`select ${enqueued('quick')}`);
  expect(await sealing.seal()).toBe(0);
  expect(await sealing.verdict()).toMatchObject({ intact: true, unsealed_rows: '3' });
  await slow.rows('commit');
  await sealing.all();
  expect(await sealing.verdict()).toMatchObject({ intact: true, sealed_rows: '5' });
});

test('a row whose id was drawn long before others were sealed is sealed after them', async () => {
  await sealing.sealed(1);
  const slow = await queue.session('slow');
  await slow.rows('begin isolation level repeatable read');
  await slow.rows(`select ${enqueued('slow')}`);
  await sealing.alice.rows(`select ${enqueued('quick')}`);
  await sealing.seal();
  await sealing.seal();
  await slow.rows('commit');
  await sealing.sealed(2);
  expect(await sealing.verdict()).toMatchObject({ intact: true, sealed_rows: '5', unsealed_rows: '0' });
});

test('under a snapshot that may be old nothing is sealed', async () => {
  await sealing.worker.client.query('begin isolation level repeatable read');
  await expect(sealing.seal()).rejects.toMatchObject({ code: '25000', hint: expect.stringContaining('snapshot') });
  await sealing.worker.client.query('rollback');
});

const REST = `"timestamp", user_id, event_type, function_name, request_id, parameters, result_size, duration_ms, ip_address, success,
  error_message, xid, digest, salt`;

/** What is done to five sealed rows, $1 to $5, whose seal is the last one; and what is found. A row $6 is one more. */
const TAMPERED: readonly (readonly [done: string, statement: string, problem: string, row: number | null])[] = [
  ['a text is another', `update steadytext_audit_log set error_message = 'x' where id = $2`, 'row changed', 2],
  [
    'a time is another',
    `update steadytext_audit_log set "timestamp" = "timestamp" - interval '1 s' where id = $2`,
    'row changed',
    2,
  ],
  ['it is of somebody else', 'update steadytext_audit_log set user_id = user_id + 1 where id = $4', 'row changed', 4],
  [
    'a digest is made to fit',
    `update steadytext_audit_log set success = true, ${fitting('true')} where id = $3`,
    'row changed',
    3,
  ],
  ['a row is gone', 'delete from steadytext_audit_log where id = $3', 'row missing', 3],
  ['all are gone', 'truncate steadytext_audit_log', 'row missing', 1],
  [
    'two have changed places',
    `with taken as (delete from steadytext_audit_log where id in ($2, $4) returning *)
     insert into steadytext_audit_log (id, ${REST}) overriding system value
     select case id when $2 then $4 else $2 end, ${REST} from taken`,
    'rows reordered',
    2,
  ],
  [
    'a row is put in where none was',
    `insert into steadytext_audit_log (id, event_type, function_name, success, xid, digest) overriding system value
     select 1000000, event_type, 'x', success, '3', digest from steadytext_audit_log where id = $1`,
    'row inserted',
    1_000_000,
  ],
  [
    'a row gets a second one of its id',
    `insert into steadytext_audit_log (id, "timestamp", event_type, function_name, success, xid, digest) overriding system value
     select id, "timestamp" + interval '1 s', event_type, 'x', success, xid, digest from steadytext_audit_log where id = $1`,
    'row changed',
    1,
  ],
  [
    'a text is taken, and no receipt left',
    `update steadytext_audit_log set text_digest = steadytext_private.audit_text_digest(salt, parameters, ip_address, error_message),
       salt = null, parameters = '{}', ip_address = null where id = $5`,
    'text taken',
    5,
  ],
  [
    'a seal leaves a row out',
    `update steadytext_audit_seals set ids = ids - int8multirange(int8range($3, $3, '[]'))`,
    'seal changed',
    null,
  ],
  ['digests in a seal are others', `update steadytext_audit_seals set prints = sha256('x')`, 'seal changed', null],
  ['digests in a seal are gone', 'update steadytext_audit_seals set prints = null', 'seal changed', null],
  [
    'a seal says it was made another day',
    `update steadytext_audit_seals set made_at = made_at - interval '1 day'`,
    'seal changed',
    null,
  ],
  ['the first seal is gone', 'delete from steadytext_audit_seals where number = 1', 'seal missing', null],
];

/** The digest of a row as it would be with another outcome. */
function fitting(success: string): string {
  return `digest = steadytext_private.audit_row_digest("timestamp", user_id, event_type, request_id, result_size, duration_ms, ${success}, xid,
    steadytext_private.audit_text_digest(salt, parameters, ip_address, error_message), function_name)`;
}

test.each(TAMPERED)('%s', async (_, statement, problem, row) => {
  const ids = await sealing.sealed(5);
  await sealing.tamper(statement.replaceAll(/\$(\d)/g, (_, number) => String(ids[Number(number) - 1])));
  const [found, seal, at] = await sealing.finding();
  expect([found, at]).toEqual([problem, row !== null && row <= 5 ? ids[row - 1]! : row]);
  expect(seal === null).toBe(problem === 'row inserted');
  expect(await sealing.verdict()).toMatchObject({ intact: false });
});

test('a seal that is made anew after it, with rows that fit, does not fit the ones behind it', async () => {
  const [first] = await sealing.sealed(2);
  await sealing.sealed(2);
  await sealing.tamper(`update steadytext_audit_log set success = true, ${fitting('true')} where id = ${first};
    update steadytext_audit_seals s set prints = p.prints, prints_hash = sha256(p.prints)
      from (select string_agg(substr(a.digest, 1, 16), '' order by a.id) as prints from steadytext_audit_log a
            where a.id in (${first}, ${first! + 1})) p where s.ids @> ${first}::bigint;
    update steadytext_audit_seals s set hash = steadytext_private.audit_seal_hash(coalesce(b.hash, ''), s)
      from steadytext_audit_seals b where s.ids @> ${first}::bigint and b.number = s.number - 1`);
  expect((await sealing.finding())[0]).toBe('seal changed');
});

test.each([
  ['update', `update steadytext_audit_log set error_message = 'x'`],
  ['delete', 'delete from steadytext_audit_log'],
  ['truncate', 'truncate steadytext_audit_log'],
  ['truncate of a week', 'truncate steadytext_private.steadytext_audit_log_default'],
  ['update of seals', 'update steadytext_audit_seals set row_count = 0'],
  ['delete of seals', 'delete from steadytext_audit_seals'],
  ['truncate of seals', 'truncate steadytext_audit_seals'],
])('%s is refused to the owner of the database and to superusers', async (_, statement) => {
  await sealing.sealed(1);
  const owner = await queue.session('owner', ['steadytext_owner']);
  await owner.rows('set role steadytext_owner; set search_path = steadytext');
  for (const who of [owner, sealing.superuser])
    await expect(who.rows(statement)).rejects.toMatchObject({
      code: '42501',
      message: expect.stringMatching(/should stay as they were written/),
      hint: expect.stringContaining('audit_log_retention'),
    });
  expect(await sealing.verdict()).toMatchObject({ intact: true, sealed_rows: '1' });
});

test('a clock that is set back an hour changes nothing: seals go by ids and transactions', async () => {
  await sealing.sealed(2);
  await sealing.superuser.rows(`insert into steadytext_audit_log ("timestamp", event_type, function_name, success, salt, xid, digest)
    select t, 'x', 'x', true, s, x, steadytext_private.audit_row_digest(t, null, 'x', null, null, null, true, x,
      steadytext_private.audit_text_digest(s, '{}', null, null), 'x')
    from (select now() - interval '1 hour', uuid_send(gen_random_uuid()), pg_current_xact_id() offset 0) r (t, s, x)`);
  await sealing.all();
  await sealing.sealed(1);
  expect(await sealing.verdict()).toMatchObject({ intact: true, sealed_rows: '4', unsealed_rows: '0' });
});

test('a restored log begins a new epoch, and what was sealed before is still proved', async () => {
  await sealing.sealed(3);
  // As a dump brings them: the table of users is another one here, and transactions count anew.
  await sealing.tamper(`update steadytext_audit_seals set mark = mark + 1;
    do $$ declare s steadytext_audit_seals; h bytea := ''; begin
      for s in select * from steadytext_audit_seals order by number loop
        h := steadytext_private.audit_seal_hash(h, s);
        update steadytext_audit_seals set hash = h where number = s.number;
      end loop; end $$`);
  const [last] = await sealing.sealed(1);
  expect(await sealing.verdict()).toMatchObject({ intact: true, epochs: 2, sealed_rows: '4', unsealed_rows: '0' });
  const kinds = await sealing.superuser.rows(
    'select kind, epoch from steadytext_audit_seals where epoch = 2 order by number',
  );
  expect(kinds.map(({ kind }) => kind)).toEqual(['begun', 'found', 'found']);
  await sealing.sealed(1);
  await sealing.tamper(`update steadytext_audit_log set error_message = 'x' where id = ${last}`);
  expect(await sealing.finding()).toEqual(['row changed', expect.any(Number), last]);
});

test('rows from before there were seals have digests of their own form, and are proved by them', async () => {
  await sealing.superuser.rows(`insert into steadytext_audit_log ("timestamp", event_type, function_name, success, xid, digest)
    select t, 'x', 'x', true, x, steadytext_private.audit_digest(t, null, 'x', 'x', null, '{}', null, null, null, true, null, x)
    from (select now(), pg_current_xact_id() offset 0) r (t, x)`);
  const [id] = await sealing.sealed(1);
  expect(await sealing.verdict()).toMatchObject({ intact: true, sealed_rows: '2' });
  await sealing.tamper(`update steadytext_audit_log set parameters = '{"a": 1}' where salt is null`);
  expect(await sealing.finding()).toEqual(['row changed', 2, id! - 1]);
});

test('auditors and administrators may ask, others may not', async () => {
  await sealing.sealed(1);
  for (const role of ['steadytext_auditor', 'steadytext_admin'])
    expect(await sealing.verdict(await queue.session(role, [role]))).toMatchObject({ intact: true, sealed_rows: '1' });
  await expect(sealing.verdict(sealing.alice)).rejects.toMatchObject({ code: '42501' });
});
