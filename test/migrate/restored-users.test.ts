// Users that a dump carries into another table of users of the same cluster, as after a restore into a copy of it: there an oid
// may have become another role's since, while the system identifier is the same.
import { expect, test } from 'vitest';
import { migrate } from '../../workers/queue/migrate/migrate.ts';
import { openClient, runAs } from '../support/database.ts';
import { emptyDatabase } from './world.ts';

test('are nobody here under another name until they are bound, and stay found by their own name', async () => {
  const [before, after] = [await emptyDatabase(), await emptyDatabase()];
  await migrate({ url: before.ownerUrl, rolePrefix: before.rolePrefix });
  // Of the other installation in one cluster, with the very same roles.
  await migrate({ url: after.superuserUrl, rolePrefix: before.rolePrefix });
  const login = await before.login(`in role ${before.rolePrefix}steadytext_writer`);
  const name = new URL(login).username;
  {
    await using there = await openClient(login);
    await there.query(`select steadytext_embed_async('secret')`);
  }
  const [user] = await before.ask('select * from steadytext.steadytext_users where role_name = $1', [name]);
  const [request] = await before.ask('select request_id, prompt, model from steadytext.steadytext_queue');
  // What was made of that oid since: a role of another name.
  await after.ask(
    `insert into steadytext.steadytext_users overriding system value
     select * from jsonb_populate_record(null::steadytext.steadytext_users, $1)`,
    [{ ...user, user_id: user.user_id + 100, role_name: 'somebody_else' }],
  );
  await after.ask(
    `insert into steadytext.steadytext_queue (request_id, user_id, request_type, model, prompt) values ($1, $2, 'embed', $3, $4)`,
    [request.request_id, user.user_id + 100, request.model, request.prompt],
  );
  await runAs(after.superuserUrl, [`grant connect on database ${after.database} to ${name}`]);
  const url = new URL(after.superuserUrl);
  url.username = name;
  url.password = new URL(login).password;
  await using here = await openClient(url.href);
  const seen = async () =>
    (await here.query('select prompt from steadytext.steadytext_requests order by id')).rows.map(
      ({ prompt }) => prompt,
    );
  expect(await seen()).toEqual([]);
  const heartbeat = `select steadytext_private.heartbeat_worker(gen_random_uuid(), 'running', 'h', 1, 'v', '[]', '[]')`;
  await after.ask(heartbeat);
  expect(await seen()).toEqual([]);
  await here.query(`select steadytext.steadytext_embed_async('own')`);
  expect(await seen()).toEqual(['own']);
  expect(
    await after.ask('select role_name from steadytext.steadytext_users where user_id = $1', [user.user_id + 100]),
  ).toEqual([{ role_name: 'somebody_else' }]);
});
