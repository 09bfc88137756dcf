// Retention of the audit log: what it drops is written down among the seals, and the rest can be proved as before.
import { expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';
import { enqueued, useSealing } from './support/sealing.ts';

const queue = useQueue();
const sealing = useSealing(queue);

const drop = async () =>
  (await sealing.worker.client.query('select steadytext_private.drop_partitions() as n')).rows[0].n as number;

test('weeks that retention drops are written down as dropped, and the rest is still proved', async () => {
  await sealing.sealed(2);
  await makeOld(2);
  await sealing.sealed(1);
  expect(await drop()).toBe(1);
  expect(await sealing.verdict()).toMatchObject({ intact: true, sealed_rows: '5', dropped_rows: '2' });
  const [dropped] = await sealing.superuser.rows(
    `select row_count, prints, last_at < now() - interval '365 days' as is_old from steadytext_audit_seals where kind = 'dropped'`,
  );
  expect(dropped).toEqual({ row_count: '2', prints: null, is_old: true });
  // What lies in no week's partition is deleted row by row.
  await makeOld(1, 'default');
  await drop();
  expect(await sealing.verdict()).toMatchObject({ intact: true, sealed_rows: '6', dropped_rows: '3' });
  await sealing.tamper('delete from steadytext_audit_log where id = (select min(id) from steadytext_audit_log)');
  expect((await sealing.finding())[0]).toBe('row missing');
});

/** Rows of long ago, in the week they belong to. The second time that week is there no more. */
async function makeOld(count: number, where = 'week'): Promise<void> {
  if (where === 'week') await makeWeek();
  await sealing.superuser.client.query(`insert into steadytext_audit_log ("timestamp", event_type, function_name, success, xid, salt, digest)
    select "timestamp", 'x', 'x', true, xid, salt, steadytext_private.audit_row_digest("timestamp", null, 'x', null, null, null, true, xid,
      steadytext_private.audit_text_digest(salt, '{}', null, null), 'x')
    from (select timestamptz '2020-01-08 00:00Z' + g * interval '1 s', pg_current_xact_id(), uuid_send(gen_random_uuid())
          from generate_series(1, ${count}) g offset 0) r ("timestamp", xid, salt)`);
  await sealing.all();
}

const makeWeek = () =>
  sealing.superuser.client.query(`set role steadytext_owner;
    select steadytext_private.make_partition('steadytext_audit_log', 'timestamp', date '2020-01-06'); reset role`);

test('a week with a row that is not sealed yet stays', async () => {
  await sealing.sealed(1);
  const slow = await queue.session('slow');
  await slow.rows('begin');
  await slow.rows(`select ${enqueued('slow')}`);
  await makeWeek();
  await sealing.superuser.rows(`insert into steadytext_audit_log ("timestamp", event_type, function_name, success, digest)
    values ('2020-01-08 00:00Z', 'x', 'x', true, sha256(''))`);
  await sealing.seal();
  await sealing.alice.rows(`select ${enqueued('begins the week')}`);
  await sealing.superuser.rows(`insert into steadytext_audit_log ("timestamp", event_type, function_name, success, digest)
    values ('2020-01-08 00:01Z', 'x', 'x', true, sha256(''))`);
  expect(await drop()).toBe(0);
  await slow.rows('commit');
  await sealing.all();
  expect(await drop()).toBe(1);
});
