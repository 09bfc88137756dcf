// Whose rows are whose: two ordinary logins see nothing of each other, by any function or view, whatever they set.
import { describe, expect, test } from 'vitest';
import { type Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();

/** A completed, a failed and a pending request of alice's, with a secret in each. */
async function secretsOfAlice(): Promise<string[]> {
  const alice = await queue.session('alice');
  const worker = await queue.worker();
  const ids = (await alice.value(
    `select steadytext_generate_batch_async(array['secret done', 'secret failed', 'secret waiting'])`,
  )) as string[];
  const [done, failed] = await worker.claim({ generate: 2 });
  await worker.settle([done!]);
  await worker.settle([failed!], { outcome: 'failed', error: 'secret error' });
  return ids;
}

/** What no login has to itself: models, the fleet, prompts, which are shared (prompts.test.ts), and how its cache does (cache.test.ts). */
const SHARED = `('steadytext_models', 'daemon_pool_status', 'steadytext_prompts', 'steadytext_prompt_versions', 'cache_performance')`;

async function readableRelations(session: Session): Promise<string[]> {
  const rows = await session.rows(
    `select c.relname from pg_class c where c.relnamespace = 'steadytext'::regnamespace and c.relkind in ('r', 'p', 'v')
     and has_table_privilege(c.oid, 'select') and c.relname not in ${SHARED} order by 1`,
  );
  return rows.map(({ relname }) => relname);
}

describe('another login', () => {
  test('sees no row of alice in any table or view it may read', async () => {
    await secretsOfAlice();
    const place = { table: 'secret_docs', column: 'c', keys: [{ id: 1 }], digests: ['0'.repeat(64)] };
    await (await queue.session('alice')).rows(
      `insert into steadytext_private.calls (call, inputs, options, write_back) values ('embed', '{secret}', '{}', $1)`,
      [place],
    );
    const bob = await queue.session('bob');
    const relations = await readableRelations(bob);
    expect(relations).toEqual([
      'steadytext_cache',
      'steadytext_dead_letter_queue',
      'steadytext_function_stats',
      'steadytext_own_counts',
      'steadytext_performance_metrics',
      'steadytext_requests',
      'steadytext_usage',
      'steadytext_write_backs',
    ]);
    for (const relation of relations) {
      const rows = await bob.rows(`select t::text as row from ${relation} t`);
      expect(
        rows.filter(({ row }) => /secret|alice/.test(row)),
        relation,
      ).toEqual([]);
      // Which functions there are is no secret; that nobody else's calls are counted is.
      const counted = rows.filter(({ row }) => !/^\(steadytext_\w+,0,0,,,,,0\.000,0,0,0,,,0,0\)$/.test(row));
      expect(counted, relation).toEqual([]);
    }
    const alice = await queue.session('alice');
    for (const relation of relations) expect(await alice.rows(`select * from ${relation}`), relation).not.toEqual([]);
  });

  test('learns nothing of them from any function, not even that they exist', async () => {
    const ids = await secretsOfAlice();
    const bob = await queue.session('bob');
    const unknown = '00000000-0000-0000-0000-000000000000';
    for (const id of ids) {
      expect(await bob.rows('select * from steadytext_check_async($1)', [id])).toEqual([]);
      expect(await bob.value('select steadytext_cancel_async($1)', [id])).toBe(false);
      for (const name of ['get_async_result', 'get_async_result_embedding', 'get_async_result_json', 'retry_async']) {
        const about = (which: string) => refusal(bob, `select steadytext_${name}($1)`, [which]);
        const refused = await about(id);
        expect(refused).toMatchObject({ code: 'P0001', message: `Request ID ${id} not found` });
        expect(refused.hint).toBe((await about(unknown)).hint);
      }
    }
    expect(await bob.rows('select * from steadytext_check_async_batch($1)', [ids])).toEqual([]);
    const alice = await queue.session('alice');
    expect(await alice.value(`select count(*)::int from steadytext_requests where status = 'pending'`)).toBe(1);
  });

  test('cannot hold a row of hers locked', async () => {
    const ids = await secretsOfAlice();
    const [alice, bob] = [await queue.session('alice'), await queue.session('bob')];
    await bob.rows('begin');
    try {
      await bob.rows('select steadytext_cancel_async($1)', [ids[2]]);
      await alice.rows(`set lock_timeout = '2s'`);
      expect(await alice.value('select steadytext_cancel_async($1)', [ids[2]])).toBe(true);
    } finally {
      await bob.rows('rollback');
    }
  });

  test('changes nothing by a direct statement', async () => {
    await secretsOfAlice();
    const bob = await queue.session('bob');
    for (const statement of [
      `update steadytext_queue set status = 'cancelled'`,
      'delete from steadytext_queue',
      'truncate steadytext_queue',
      'update steadytext_users set weight = 1000',
      `update steadytext_settings set value = '1'`,
      'select * from steadytext_audit_log',
      'select * from steadytext_workers',
      `insert into steadytext_audit_log (event_type, function_name, success, digest) values ('x', 'x', true, '')`,
      'select * from steadytext_queue for update',
      'select steadytext_private.hash_key.* from steadytext_private.hash_key',
      `select steadytext_private.enqueue_call('postgres', 'embed', array['x'], '{}', null, false, 5, null, null)`,
    ]) {
      expect(await refusal(bob, statement), statement).toMatchObject({ code: '42501' });
    }
  });
});

describe('identity', () => {
  test('is changed by no setting, search path, temporary object or function of the caller', async () => {
    await secretsOfAlice();
    const bob = await queue.session('bob');
    await bob.rows(`select steadytext_embed_async('of bob')`);
    const own = await bob.value('select current_user_id()');
    const alice = await queue.session('alice');
    const hers = await alice.value('select current_user_id()');
    const her = await alice.value('select session_user::text');
    const tries = [
      `set steadytext.user_id = '${hers}'`,
      `set request.jwt.claims = '{"role": "${her}", "sub": "${hers}"}'`,
      `set application_name = '${her}'`,
      'create temporary table steadytext_users (user_id int, role_name text)',
      `insert into pg_temp.steadytext_users values (${hers}, session_user)`,
      `create function pg_temp.request_login() returns text language sql as 'select ''${her}''::text'`,
      `create function pg_temp.current_setting(text) returns text language sql as 'select ''${her}''::text'`,
      'set search_path = pg_temp, public, steadytext, pg_catalog',
    ];
    for (const statement of tries) {
      await bob.rows(statement);
      expect(await bob.value('select steadytext.current_user_id()'), statement).toBe(own);
      const prompts = await bob.rows('select prompt from steadytext.steadytext_requests');
      expect(prompts, statement).toEqual([{ prompt: 'of bob' }]);
    }
    for (const statement of [
      `set role "${her}"`,
      `set session authorization "${her}"`,
      `set local role steadytext_owner`,
    ]) {
      expect(await refusal(bob, statement), statement).toMatchObject({ code: '42501' });
    }
  });

  test('follows SET ROLE, as behind PostgREST or a transaction-mode bouncer, and goes with the transaction', async () => {
    const superuser = await queue.superuser();
    const gateway = await queue.session('gateway', []);
    const login = (await gateway.value('select session_user::text')) as string;
    const tenants = ['a', 'b'].map((letter) => `${login}_tenant_${letter}`);
    for (const tenant of tenants) {
      await superuser.rows(`create role ${tenant} nologin in role steadytext_writer`);
      await superuser.rows(`grant ${tenant} to ${login}`);
      await superuser.rows(`alter role ${login} noinherit`);
    }
    try {
      const as = async (tenant: string, statement: string) => {
        await gateway.rows('begin');
        await gateway.rows(`set local role ${tenant}`);
        await gateway.rows(`select set_config('request.jwt.claims', '{"role": "someone else"}', true)`);
        const rows = await gateway.rows(statement);
        await gateway.rows('commit');
        return rows;
      };
      for (const tenant of tenants) await as(tenant, `select steadytext_embed_async('of ${tenant}')`);
      await as(tenants[0]!, `insert into steadytext_queue (prompt, request_type) values ('direct', 'embed')`);
      const prompts = async (tenant: string) =>
        (await as(tenant, 'select prompt from steadytext_requests order by id')).map(({ prompt }) => prompt);
      expect(await prompts(tenants[0]!)).toEqual([`of ${tenants[0]}`, 'direct']);
      expect(await prompts(tenants[1]!)).toEqual([`of ${tenants[1]}`]);
      expect(
        await superuser.rows(
          `select role_name from steadytext_users join steadytext_queue using (user_id) where prompt like 'of %' order by 1`,
        ),
      ).toEqual(tenants.map((role_name) => ({ role_name })));
    } finally {
      for (const tenant of tenants) await superuser.rows(`drop role ${tenant}`);
    }
  });

  test('has a row from the first enqueue on, and reading makes none', async () => {
    const newcomer = await queue.session('newcomer');
    await newcomer.rows('select * from steadytext_requests');
    expect(await newcomer.value('select current_user_id()')).toBeNull();
    await newcomer.rows(`select steadytext_embed_async('x')`);
    const own = await newcomer.value('select current_user_id()');
    const superuser = await queue.superuser();
    expect(await superuser.rows('select role_name from steadytext_users where user_id = $1', [own])).toEqual([
      { role_name: await newcomer.value('select session_user::text') },
    ]);
  });
});

describe('the other roles', () => {
  test('an administrator sees all requests, cancels them, and sets weights', async () => {
    const ids = await secretsOfAlice();
    const admin = await queue.session('admin', ['steadytext_admin']);
    expect(await admin.value('select count(*)::int from steadytext_queue')).toBe(3);
    expect(await admin.value('select count(*)::int from steadytext_audit_log')).toBe(2);
    expect(await admin.value('select steadytext_get_async_result($1)', [ids[0]])).toBe('SECRET DONE');
    expect(await admin.value('select steadytext_cancel_async($1)', [ids[2]])).toBe(true);
    const alice = await queue.session('alice');
    const id = await alice.value('select current_user_id()');
    const weigh = (weight: number) =>
      admin.value(`update steadytext_users set weight = ${weight} where user_id = $1 returning weight`, [id]);
    for (const weight of [4, 0.01, 1000]) expect(await weigh(weight)).toBe(weight);
    for (const weight of [0.0099, 1000.1])
      await expect(weigh(weight)).rejects.toMatchObject({ constraint: 'users_weight_in_range' });
  });

  test('a reader reads and waits, and enqueues nothing', async () => {
    const reader = await queue.session('reader', ['steadytext_reader']);
    expect(await reader.rows('select * from steadytext_requests')).toEqual([]);
    for (const statement of [
      `select steadytext_embed_async('x')`,
      `insert into steadytext_queue (prompt, request_type) values ('x', 'embed')`,
      `select steadytext_cancel_async(gen_random_uuid())`,
    ]) {
      expect(await refusal(reader, statement)).toMatchObject({ code: '42501' });
    }
  });

  test('a worker reads no table, metrics read no text, an auditor reads the audit log alone', async () => {
    await secretsOfAlice();
    const worker = await queue.worker();
    for (const table of ['queue', 'users', 'audit_log', 'request_log', 'settings', 'workers']) {
      await expect(worker.client.query(`select * from steadytext.steadytext_${table}`)).rejects.toMatchObject({
        code: '42501',
      });
    }
    const metrics = await queue.session('metrics', ['steadytext_metrics']);
    const counts = await metrics.rows(
      `select status, requests::int, runnable::int, tokens_in::int, tokens_out::int, processing_time_ms::int as ms,
              oldest_created_at <= now() as past
       from steadytext_queue_counts()`,
    );
    const ended = { requests: 1, runnable: 0, tokens_in: 3, tokens_out: 4, ms: 7, past: true };
    expect(counts).toEqual([
      { ...ended, status: 'failed' },
      { status: 'pending', requests: 1, runnable: 1, tokens_in: 0, tokens_out: 0, ms: 0, past: true },
    ]);
    const finished = `select status, requests::int, tokens_in::int, tokens_out::int, processing_time_ms::int as ms
      from steadytext_finished_counts(now() + $1::interval)`;
    const { runnable, past, ...sums } = ended;
    expect(await metrics.rows(finished, ['-1 minute'])).toEqual([
      { ...sums, status: 'completed' },
      { ...sums, status: 'failed' },
    ]);
    expect(await metrics.rows(finished, ['1 minute'])).toEqual([]);
    for (const column of ['id', 'prompt', 'params', 'result', 'error', 'request_id', '*']) {
      expect(await refusal(metrics, `select ${column} from steadytext_queue`)).toMatchObject({ code: '42501' });
    }
    const auditor = await queue.session('auditor', ['steadytext_auditor']);
    expect(await auditor.value('select count(*)::int from steadytext_audit_log')).toBe(2);
    expect(await refusal(auditor, 'select * from steadytext_queue')).toMatchObject({ code: '42501' });
  });
});

test('the policy that the documentation tells users to write works as written', async () => {
  await secretsOfAlice();
  const superuser = await queue.superuser();
  const alice = await queue.session('alice');
  const bob = await queue.session('bob');
  await superuser.rows('set role steadytext_owner');
  try {
    await superuser.rows(
      `CREATE POLICY queue_user_policy ON steadytext_queue
       FOR ALL USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id())`,
    );
    expect(await alice.value('select count(*)::int from steadytext_queue')).toBe(3);
    expect(await bob.value('select count(*)::int from steadytext_queue')).toBe(0);
    await bob.rows(`select steadytext_embed_async('x')`);
    expect(await bob.value('select count(*)::int from steadytext_queue')).toBe(1);
  } finally {
    await superuser.rows('drop policy if exists queue_user_policy on steadytext_queue');
    await superuser.rows('reset role');
  }
});
