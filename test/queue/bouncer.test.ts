// Logins behind a bouncer in transaction mode: a server connection is anybody's between two transactions, and requests are
// still of whoever made them.

import { expect, onTestFinished, type TestContext, test } from 'vitest';
import { Session, useQueue } from '../sql/support/queue.ts';
import { refusal } from '../sql/support/refusal.ts';
import { startBouncer } from '../support/bouncer.ts';
import { openClient, runAs } from '../support/database.ts';

const queue = useQueue();
const PID = 'select pg_backend_pid()';

/** Sessions of several clients for each login, all through one bouncer with one server connection a login. */
async function bounced(context: TestContext, addresses: readonly string[], clients: number): Promise<Session[][]> {
  const bouncer = await startBouncer(context, addresses);
  const session = async (address: string) => {
    const client = await openClient(bouncer.url(address));
    onTestFinished(() => client.end());
    return new Session(client);
  };
  return await Promise.all(addresses.map((url) => Promise.all(Array.from({ length: clients }, () => session(url)))));
}

test('clients of one login share a server connection, and each login sees its own requests', async (context) => {
  const [alice, bob] = [await queue.db.login(['steadytext_writer']), await queue.db.login(['steadytext_writer'])];
  const logins = await bounced(context, [alice, bob], 3);
  const worker = await queue.worker();
  for (const [index, clients] of logins.entries()) {
    expect(new Set(await Promise.all(clients.map((client) => client.value(PID)))).size).toBe(1);
    const ids = await Promise.all(
      clients.map((client, n) => client.value(`select steadytext_generate_async($1)`, [`of ${index}, ${n}`])),
    );
    const look = `select status from steadytext_check_async($1)`;
    for (const client of clients) expect(await client.value(look, [ids[0]])).toBe('pending');
    for (const other of logins[1 - index]!) expect(await other.rows(look, [ids[0]])).toEqual([]);
    // One waits, and holds the connection while it does; the others have their turn after it.
    const waiting = clients[0]!.value('select steadytext_get_async_result($1, 30)', [ids[2]]);
    await worker.settle(await worker.claim({ generate: 3 }));
    expect(await waiting).toBe(`OF ${index}, 2`);
    const seen = await clients[1]!.rows('select prompt, result from steadytext_requests order by id');
    expect(seen.map(({ prompt }) => prompt).sort()).toEqual(ids.map((_, n) => `of ${index}, ${n}`));
    expect(await clients[2]!.value('select cardinality(steadytext_embed_batch_async($1))', [['a', 'b']])).toBe(2);
    await clients[2]!.rows('select steadytext_cancel_async(request_id) from steadytext_requests where result is null');
  }
});

test('a gateway that sets a role for each transaction leaves nothing of it to the next client', async (context) => {
  const gateway = await queue.db.login();
  const tenants = await Promise.all([0, 1].map(() => queue.db.login(['steadytext_writer'])));
  const roles = tenants.map((url) => new URL(url).username);
  await runAs(queue.db.superuserUrl, [
    `alter role ${new URL(gateway).username} noinherit`,
    `grant ${roles.join(', ')} to ${new URL(gateway).username}`,
  ]);
  const [clients] = await bounced(context, [gateway], 4);
  /** As PostgREST does: the role and a text of the request's own, for this transaction alone. */
  const as = async <T>(client: Session, role: string, work: () => Promise<T>): Promise<T> => {
    await client.rows('begin');
    await client.rows(`select set_config('role', $1, true), set_config('request.jwt.claims', '{"sub": "x"}', true)`, [
      role,
    ]);
    return await work().finally(() => client.rows('commit'));
  };
  const rounds = clients!.map(async (client, n) => {
    const role = roles[n % 2]!;
    for (let round = 0; round < 25; round++) {
      await as(client, role, () => client.rows(`select steadytext_embed_async($1)`, [role]));
      expect(await client.value('select current_user::text')).toBe(new URL(gateway).username);
      expect(await client.value(`select coalesce(current_setting('request.jwt.claims', true), '')`)).toBe('');
      const prompts = await as(client, role, () => client.rows('select distinct prompt from steadytext_requests'));
      expect(prompts).toEqual([{ prompt: role }]);
    }
  });
  await Promise.all(rounds);

  const pids = await Promise.all(clients!.map((client) => client.value(PID)));
  expect(new Set(pids).size).toBe(1);
  // Between the transactions the gateway is nobody, after one that failed too.
  const [one, two] = clients!;
  await expect(as(one!, roles[0]!, () => one!.rows('select 1 / 0'))).rejects.toMatchObject({ code: '22012' });
  for (const call of [`steadytext.steadytext_embed_async('x')`, 'count(*) from steadytext.steadytext_requests']) {
    expect(await refusal(two!, `select ${call}`)).toMatchObject({ code: '42501' });
  }
  const owners = await (await queue.superuser()).rows(
    `select u.role_name, q.prompt, count(*)::int as requests from steadytext_queue q
     join steadytext_users u using (user_id) group by 1, 2 order by 1`,
  );
  expect(owners).toEqual(roles.toSorted().map((role) => ({ role_name: role, prompt: role, requests: 50 })));
});
