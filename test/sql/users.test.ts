// Who a request belongs to: roles by their oid, known ahead of their first request.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { freshName, openClient, runAs } from '../support/database.ts';
import { Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();
const ENQUEUE = `select steadytext_embed_async('x')`;

async function heartbeat(models: readonly object[] = []): Promise<void> {
  const { client } = await queue.worker();
  await client.query(`select steadytext_private.heartbeat_worker($1, 'running', 'h', 1, 'v', '[]', $2)`, [
    randomUUID(),
    JSON.stringify(models),
  ]);
}

/** A login of its own name, dropped at the end, so that it can be made again. */
async function withLogin(use: (name: string, connect: () => Promise<Session>) => Promise<void>): Promise<void> {
  const { db } = queue;
  const name = freshName('again');
  const open: Session[] = [];
  await runAs(db.superuserUrl, [`create role ${name} login password 'again' in role steadytext_writer`]);
  const url = new URL(db.superuserUrl);
  url.username = name;
  url.password = 'again';
  try {
    await use(name, async () => {
      const session = new Session(await openClient(url.href));
      open.push(session);
      return session;
    });
  } finally {
    await Promise.all(open.map(({ client }) => client.end()));
    await runAs(db.superuserUrl, [`drop role if exists ${name}, ${name}_new`]);
  }
}

describe('a login that is not known yet', () => {
  test('is told to commit when another session of it is just enqueueing, in place of waiting for its end', async () => {
    const [first, second] = [await queue.session('fresh'), await queue.session('fresh')];
    await first.rows('begin');
    await first.rows(ENQUEUE);
    expect(await refusal(second, ENQUEUE)).toMatchObject({ code: 'ST010', hint: expect.stringMatching(/^COMMIT/) });
    // A worker's heartbeat waits for neither.
    await heartbeat();
    await first.rows('commit');
    await second.rows(ENQUEUE);
    expect(await second.value('select count(*)::int from steadytext_queue')).toBe(2);
  });

  test('is known within a heartbeat, and then holds up no session, in whatever order they enqueue', async () => {
    const [first, second] = [await queue.session('registered'), await queue.session('registered')];
    await heartbeat();
    await first.rows('begin');
    await first.rows(ENQUEUE);
    await second.rows(`set statement_timeout = '5s'`);
    await second.rows(ENQUEUE);
    await first.rows('commit');
    expect(await second.value('select count(*)::int from steadytext_queue')).toBe(2);
  });

  test('is registered where a role of its own includes the writer, and with no right it is not', async () => {
    const superuser = await queue.superuser();
    const [none, inner] = [await queue.session('none', []), await queue.session('inner', [])];
    const names = [await none.value('select session_user::text'), await inner.value('select session_user::text')];
    const group = freshName('group');
    await superuser.rows(`create role ${group} nologin in role steadytext_writer`);
    try {
      await superuser.rows(`grant ${group} to ${names[1]}`);
      await heartbeat();
      const known = `select role_name from steadytext_users where role_name = any ($1) order by 1`;
      expect(await superuser.rows(known, [[...names, group]])).toEqual(
        [names[1] as string, group].sort().map((role_name) => ({ role_name })),
      );
    } finally {
      await superuser.rows(`drop role ${group}`);
    }
  });
});

describe('a role', () => {
  test('that is renamed keeps its requests, and a heartbeat learns the name', async () => {
    await withLogin(async (name, connect) => {
      const session = await connect();
      await session.rows(ENQUEUE);
      const superuser = await queue.superuser();
      await superuser.rows(`alter role ${name} rename to ${name}_new`);
      expect(await session.value('select count(*)::int from steadytext_queue')).toBe(1);
      await heartbeat();
      expect(await session.rows('select role_name from steadytext_users')).toEqual([{ role_name: `${name}_new` }]);
    });
  });

  test('that is dropped and made again inherits nothing', async () => {
    await withLogin(async (name, connect) => {
      const before = await connect();
      await before.rows(ENQUEUE);
      await before.client.end();
      const superuser = await queue.superuser();
      await superuser.rows(`drop role ${name}`);
      await superuser.rows(`create role ${name} login password 'again' in role steadytext_writer`);
      const after = await connect();
      expect(await after.rows('select * from steadytext_queue')).toEqual([]);
      await after.rows(ENQUEUE);
      expect(await after.value('select count(*)::int from steadytext_queue')).toBe(1);
    });
  });

  test('of a database restored into another cluster is nobody until an administrator binds users by name', async () => {
    await withLogin(async (_, connect) => {
      const session = await connect();
      await session.rows(ENQUEUE);
      const superuser = await queue.superuser();
      // As after a restore: the writer has another oid here, and the oids of logins are other roles'.
      await superuser.rows('update steadytext_users set writer_oid = 1');
      expect(await session.rows('select * from steadytext_queue')).toEqual([]);
      await heartbeat();
      expect(await session.rows('select * from steadytext_queue')).toEqual([]);
      expect(await refusal(session, 'select steadytext_rebind_users()')).toMatchObject({ code: '42501' });
      const admin = await queue.session('admin', ['steadytext_admin']);
      expect(await admin.value('select steadytext_rebind_users()')).toBeGreaterThan(0);
      expect(await session.value('select count(*)::int from steadytext_queue')).toBe(1);
      expect(await admin.rows(`select 1 from steadytext_audit_log where event_type = 'users_rebound'`)).toHaveLength(1);
    });
  });
});

test('a default model whose row was deleted is the default again with the next heartbeat', async () => {
  const superuser = await queue.superuser();
  const models = [
    { name: 'aaa', kind: 'embedding', dimension: 3 },
    { name: 'all-minilm-l6-v2', kind: 'embedding', dimension: 384 },
  ];
  const defaults = `select name from steadytext_models where kind = 'embedding' and is_default`;
  await superuser.rows(`delete from steadytext_models where kind = 'embedding'`);
  try {
    await heartbeat(models.slice(1));
    await heartbeat(models);
    expect(await superuser.rows(defaults)).toEqual([{ name: 'all-minilm-l6-v2' }]);
    await (await queue.session('alice')).rows(ENQUEUE);
  } finally {
    await superuser.rows(`delete from steadytext_models where name = 'aaa'`);
  }
});
