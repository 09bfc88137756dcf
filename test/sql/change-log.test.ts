// What administrators change of settings and weights is written down: when, who, from what to what.
import { expect, test } from 'vitest';
import { type Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();

const boss = () => queue.session('boss', ['steadytext_admin']);

/** Of what this session's login did, in order, with the digest of each row checked. */
async function audited(session: Session) {
  const superuser = await queue.superuser();
  return superuser.rows(
    `select event_type, function_name, parameters - 'asked_by' as parameters,
       success and ip_address = '127.0.0.1' and digest = steadytext_private.audit_row_digest("timestamp", user_id, event_type,
         request_id, result_size, duration_ms, success, xid,
         steadytext_private.audit_text_digest(salt, parameters, ip_address, error_message), function_name) as intact
     from steadytext_audit_log where parameters ->> 'asked_by' = $1 order by id`,
    [await session.value('select session_user::text')],
  );
}

test('of a setting, but not the same value again or one that is refused', async () => {
  const admin = await boss();
  const change = (value: string) =>
    admin.rows(`update steadytext_settings set value = $1 where name = 'audit_log_retention'`, [value]);
  const now = () => admin.value('select clock_timestamp()::text');
  const changedSince = async (moment: unknown) =>
    (await admin.rows('select name from steadytext_settings where updated_at > $1', [moment])).map(({ name }) => name);

  const start = await now();
  await change('365 days');
  expect(await refusal(admin, `update steadytext_settings set value = 'ever'`)).toMatchObject({ code: 'ST004' });
  expect(await changedSince(start)).toEqual([]);
  await change('30 days');
  expect(await changedSince(start)).toEqual(['audit_log_retention']);
  const later = await now();
  await change('365 days');
  expect(await changedSince(later)).toEqual(['audit_log_retention']);

  const row = (before: string, after: string) => ({
    event_type: 'setting_changed',
    function_name: 'steadytext_settings',
    parameters: { setting: 'audit_log_retention', before, after, source: 'config_set' },
    intact: true,
  });
  expect(await audited(admin)).toEqual([row('365 days', '30 days'), row('30 days', '365 days')]);
});

test('of the weight of a user, and of one that is made with a weight', async () => {
  const admin = await boss();
  const alice = await queue.session('alice');
  await alice.rows(`select steadytext_embed_async('x')`);
  const known = await alice.value('select session_user::text');
  const fresh = await (await queue.session('fresh')).value('select session_user::text');
  const weigh = `update steadytext_users set weight = $2 where role_name = $1`;
  for (const weight of [4, 4, 2]) await admin.rows(weigh, [known, weight]);
  await admin.rows('insert into steadytext_users (role_name, weight) values ($1, 7)', [fresh]);
  await admin.rows(weigh, [fresh, 1]);

  const users = await admin.rows('select role_name, user_id from steadytext_users');
  const ids = new Map(users.map(({ role_name, user_id }) => [role_name, user_id]));
  const row = (role: unknown, before: number | null, after: number) => ({
    event_type: 'weight_changed',
    function_name: 'steadytext_users',
    parameters: { user: ids.get(role), role, before, after },
    intact: true,
  });
  expect(await audited(admin)).toEqual([row(known, 1, 4), row(known, 4, 2), row(fresh, null, 7), row(fresh, 7, 1)]);
});
