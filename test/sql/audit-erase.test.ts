// Erasing a user and exporting one: nothing of a text stays, the receipt says what was done, and the audit log is proved as before.
import { beforeEach, expect, test } from 'vitest';
import { serve } from './support/cached.ts';
import { type Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';
import { useSealing } from './support/sealing.ts';

const queue = useQueue();
const sealing = useSealing(queue);
let admin: Session;
let bob: Session;
const idOf = async (session: Session) => Number(await session.value('select current_user_id()'));

beforeEach(async () => {
  await serve(await queue.superuser(), 'sha256:test');
  admin ??= await queue.session('admin', ['steadytext_admin']);
  bob ??= await queue.session('bob');
  for (const session of [admin, bob, sealing.alice]) await session.rows(`select steadytext_embed_async('of each')`);
});

/** What the login has: results that ran and came from the cache, one that runs, one that waits, one that failed; a prompt. */
async function filled(session: Session, prompt: string): Promise<void> {
  const { worker } = sealing;
  await worker.settle(await worker.claim({ embed: 10 }));
  await session.rows(`select steadytext_generate_async('canary first')`);
  await worker.settle(await worker.claim({ generate: 1 }), { result: 'canary result' });
  await session.rows(`select steadytext_generate_async('canary first')`);
  await session.rows(`select steadytext_generate_async('canary fails')`);
  await worker.settle(await worker.claim({ generate: 1 }), { outcome: 'failed', error: 'canary error' });
  await session.rows(`select steadytext_generate_async('canary runs')`);
  await worker.claim({ generate: 1 });
  await session.rows(`select steadytext_generate_async('canary waits')`);
  await session.rows(`select steadytext_prompt_create('${prompt}', 'Say {{ this }}')`);
}

test('what there is of a user goes, of others nothing, and the log is proved as before', async () => {
  const { superuser, alice, worker } = sealing;
  await superuser.rows(`update steadytext_settings set value = 'true' where name = 'audit_full_text'`);
  await filled(alice, 'of-alice');
  await superuser.rows(`update steadytext_settings set value = 'false' where name = 'audit_full_text'`);
  await sealing.all();
  const user = await idOf(alice);
  const others = `select (select count(*)::int from steadytext_queue where user_id <> ${user}) as requests,
    (select count(*)::int from steadytext_audit_log where user_id <> ${user} and parameters <> '{}') as logged`;
  const [before] = await superuser.rows(others);
  const held = await superuser.rows(`select id from steadytext_audit_log where user_id = ${user}`);

  const receipt = await admin.value(`select steadytext_erase_user($1, 'ticket 42')`, [user]);
  expect(receipt).toMatchObject({
    user_id: user,
    erased_by: await admin.value('select session_user::text'),
    reason: 'ticket 42',
    counts: {
      cancelled: 2,
      requests: 6,
      cache_entries: 2,
      prompts_unnamed: 1,
      prompt_versions_unnamed: 1,
      audit_rows: held.length + 2,
    },
    not_covered: expect.arrayContaining([
      expect.stringContaining('backups'),
      expect.stringContaining('tables of the users'),
    ]),
  });
  for (const table of ['queue', 'cache_entries', 'audit_log', 'request_log', 'prompts', 'prompt_versions']) {
    const rows = await superuser.rows(`select t::text as row from steadytext_${table} t`);
    expect(
      rows.filter(({ row }) => row.includes('canary')),
      table,
    ).toEqual([]);
  }
  const role = await alice.value('select session_user::text');
  expect(
    await superuser.rows(`select from steadytext_prompts where created_by = '${role}' or updated_by = '${role}'`),
  ).toEqual([]);
  expect(await alice.rows('select request_id from steadytext_requests')).toEqual([]);
  expect(await superuser.rows(others)).toEqual([{ requests: before!.requests, logged: before!.logged + 1 }]);
  // What was running is fenced.
  expect(await superuser.value('select count(*)::int from steadytext_queue where leased_by is not null')).toBe(0);
  expect(await worker.claim({ generate: 5 })).toEqual([]);
  await sealing.all();
  expect(await sealing.verdict()).toMatchObject({ intact: true, problem: null });
  const [kept] = await superuser.rows(
    `select parameters, salt, ip_address, length(text_digest) as digest, duration_ms >= 0 as timed from steadytext_audit_log
     where id = $1`,
    [held[0]!.id],
  );
  expect(kept).toEqual({ parameters: {}, salt: null, ip_address: null, digest: 32, timed: true });
  // What is left of an erased row is proved still.
  await sealing.tamper(`update steadytext_audit_log set duration_ms = 1 + duration_ms where id = ${held[0]!.id}`);
  expect(await sealing.finding()).toEqual(['row changed', expect.any(Number), Number(held[0]!.id)]);
});

test('the receipt stays, for auditors too, and another erasing finds nothing more', async () => {
  const user = await idOf(bob);
  await admin.rows(`select steadytext_erase_user($1, 'first')`, [user]);
  const again = (await admin.value(`select steadytext_erase_user($1, 'second')`, [user])) as { counts: unknown };
  expect(again.counts).toMatchObject({ cancelled: 0, requests: 0, audit_rows: 0 });
  const auditor = await queue.session('auditor', ['steadytext_auditor']);
  expect(await auditor.rows('select reason from steadytext_erasures order by id')).toEqual([
    { reason: 'first' },
    { reason: 'second' },
  ]);
  const logged = await auditor.rows(
    `select parameters -> 'reason' as reason, parameters -> 'user' as "user" from steadytext_audit_log where event_type = 'user_erased' order by id`,
  );
  expect(logged).toEqual([
    { reason: 'first', user },
    { reason: 'second', user },
  ]);
});

test('what an administrator did stays in the log when he is erased', async () => {
  const other = await queue.session('other admin', ['steadytext_admin']);
  await other.rows(`select steadytext_embed_async('x')`);
  await other.rows(
    `begin; set local steadytext.audit_reason = 'ticket 7'; select steadytext_config_set('max_documents', '7'); commit`,
  );
  await admin.rows(`select steadytext_erase_user($1, 'left')`, [await idOf(other)]);
  const [row] =
    await sealing.superuser.rows(`select parameters from steadytext_audit_log where event_type = 'setting_changed'
    and parameters ->> 'setting' = 'max_documents'`);
  expect(row!.parameters).toMatchObject({ setting: 'max_documents', before: '1000', after: '7', reason: 'ticket 7' });
  await admin.rows(`select steadytext_config_reset('max_documents')`);
});

test('the name of a role that is gone goes too', async () => {
  const { superuser } = sealing;
  const [row] = await superuser.rows(
    `insert into steadytext_users (role_name, role_oid) values ('gone for good', 1) returning user_id`,
  );
  await admin.rows(`select steadytext_erase_user($1, 'left')`, [row!.user_id]);
  expect(await superuser.value('select role_name from steadytext_users where user_id = $1', [row!.user_id])).toBe(
    `erased user ${row!.user_id}`,
  );
});

test('bad calls are refused, each in its words, and erase nothing', async () => {
  const [own, bobs] = [await idOf(admin), await idOf(bob)];
  const cases: readonly (readonly [session: Session, call: string, code: string, message: RegExp])[] = [
    [admin, `${own}, 'me'`, 'ST004', /user_id should be another one than your own/],
    [admin, `null, 'x'`, 'ST004', /user_id should be one of steadytext_users, but is null/],
    [admin, `0, 'x'`, 'ST004', /one of steadytext_users, but is 0/],
    [admin, `2147483647, 'x'`, 'ST004', /one of steadytext_users/],
    [admin, `${bobs}, null`, 'ST004', /reason should be a text of up to 500 characters/],
    [admin, `${bobs}, '  '`, 'ST004', /reason should be/],
    [admin, `${bobs}, repeat('x', 501)`, 'ST004', /reason should be/],
    [bob, `${bobs}, 'x'`, '42501', /permission denied/],
  ];
  for (const [session, call, code, message] of cases)
    expect(await refusal(session, `select steadytext_erase_user(${call})`), call).toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  // Past the function, where a writer may insert.
  const past = `insert into steadytext_private.calls (call, options) values ('erase user', '{"user_id": ${own}, "reason": "x"}')`;
  expect(await refusal(bob, past)).toMatchObject({
    code: '42501',
    message: expect.stringMatching(/by an administrator/),
  });
  expect(await sealing.superuser.value('select count(*)::int from steadytext_erasures')).toBe(0);
  expect(await sealing.superuser.value('select count(*)::int from steadytext_queue')).toBe(3);
});

test('a user gets all that is kept of him, an administrator that of others, and nobody else', async () => {
  const { alice } = sealing;
  await filled(alice, 'exported-one');
  const own = (await alice.value('select steadytext_export_user()')) as Record<string, Record<string, unknown>[]>;
  const role = await alice.value('select session_user::text');
  expect(own.user).toMatchObject({ role_name: role });
  expect(own.requests!.map(({ prompt }) => prompt)).toEqual([
    'of each',
    'canary first',
    'canary first',
    'canary fails',
    'canary runs',
    'canary waits',
  ]);
  expect(own.cache!.map(({ result }) => result)).toContain('canary result');
  expect(own.prompts!.map(({ slug }) => slug)).toContain('exported-one');
  expect(own.prompt_versions).toMatchObject([{ template: 'Say {{ this }}' }]);
  expect(own.request_log).toHaveLength(4);
  expect(own.audit_log!.map(({ event_type }) => event_type)).toContain('request_failed');
  expect(JSON.stringify(own)).not.toContain((await idOf(bob)).toString().padStart(9, '#'));
  expect(Object.keys(own.audit_log![0]!)).not.toContain('salt');

  const user = await idOf(alice);
  const asked = (await admin.value('select steadytext_export_user($1)', [user])) as typeof own;
  expect(asked.requests).toEqual(own.requests);
  for (const [session, call, code] of [
    [bob, `${user}`, '42501'],
    [admin, '2147483647', 'ST004'],
  ] as const)
    expect(await refusal(session, `select steadytext_export_user(${call})`)).toMatchObject({ code });
  const auditor = await queue.session('auditor', ['steadytext_auditor']);
  expect(await refusal(auditor, `select steadytext_export_user(${user})`)).toMatchObject({ code: '42501' });
  const nobody = await queue.session('newcomer');
  expect(await nobody.value('select steadytext_export_user()')).toBeNull();
  const log = await sealing.superuser.rows(
    `select parameters from steadytext_audit_log where event_type = 'user_exported' order by id`,
  );
  expect(log.map(({ parameters }) => parameters.asked_by)).toEqual([
    role,
    await admin.value('select session_user::text'),
  ]);
});
