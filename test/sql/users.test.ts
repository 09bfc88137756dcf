// Who a request belongs to: roles by their oid, known ahead of their first request.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { freshName, openClient, runAs } from '../support/database.ts';
import { Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();
const ENQUEUE = `select steadytext_embed_async('x')`;

async function heartbeat(): Promise<void> {
  const { client } = await queue.worker();
  await client.query(`select steadytext_private.heartbeat_worker($1, 'running', 'h', 1, 'v', '[]', '[]')`, [
    randomUUID(),
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

/** Drops a role that has enqueued with this session, and makes one of its name. Gives the superuser's session. */
async function makeAgain(name: string, before: Session): Promise<Session> {
  await before.rows(ENQUEUE);
  await before.client.end();
  const superuser = await queue.superuser();
  await superuser.rows(`drop role ${name}`);
  await superuser.rows(`create role ${name} login password 'again' in role steadytext_writer`);
  return superuser;
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
    expect(await second.value('select count(*)::int from steadytext_requests')).toBe(2);
  });

  test('is known within a heartbeat, and then holds up no session, in whatever order they enqueue', async () => {
    const [first, second] = [await queue.session('registered'), await queue.session('registered')];
    await heartbeat();
    await first.rows('begin');
    await first.rows(ENQUEUE);
    await second.rows(`set statement_timeout = '5s'`);
    await second.rows(ENQUEUE);
    await first.rows('commit');
    expect(await second.value('select count(*)::int from steadytext_requests')).toBe(2);
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
  test('that does not exist gets no row by hand either, whose weight it would not have once it does', async () => {
    const boss = await queue.session('boss', ['steadytext_admin']);
    const insert = `insert into steadytext_users (role_name, weight) values ('Future_app', 7)`;
    expect(await refusal(boss, insert)).toEqual({
      code: 'ST010',
      message: 'role_name should be a role of this server, but there is none called "Future_app"',
      hint: expect.stringContaining('Create the role first'),
    });
    expect(await boss.value(`select count(*)::int from steadytext_users where role_name = 'Future_app'`)).toBe(0);
  });

  test.each(['superuser', 'owner', 'admin'])(
    'that %s inserts by name is bound, with its weight written down',
    async (who) => {
      await withLogin(async (name) => {
        const superuser = await queue.superuser();
        const boss =
          who === 'admin'
            ? await queue.session('boss', ['steadytext_admin'])
            : new Session(await openClient(queue.db.superuserUrl));
        if (who === 'owner') await boss.rows('set role steadytext_owner');
        await boss.rows('insert into steadytext_users (role_name, weight) values ($1, 3)', [name]);
        if (who !== 'admin') await boss.client.end();
        expect(
          await superuser.rows(
            `select role_oid = to_regrole(role_name) as bound, binding_mark = steadytext_private.binding_mark() as here
           from steadytext_users where role_name = $1`,
            [name],
          ),
        ).toEqual([{ bound: true, here: true }]);
        expect(
          await superuser.rows(
            `select parameters ->> 'role' as role, parameters -> 'after' as weight from steadytext_audit_log where event_type = 'weight_changed'`,
          ),
        ).toEqual([{ role: name, weight: 3 }]);
      });
    },
  );

  test('that is renamed keeps its requests, and a heartbeat learns the name', async () => {
    await withLogin(async (name, connect) => {
      const session = await connect();
      await session.rows(ENQUEUE);
      const superuser = await queue.superuser();
      await superuser.rows(`alter role ${name} rename to ${name}_new`);
      expect(await session.value('select count(*)::int from steadytext_requests')).toBe(1);
      await heartbeat();
      expect(
        await superuser.rows('select role_name from steadytext_users where user_id = $1', [
          await session.value('select current_user_id()'),
        ]),
      ).toEqual([{ role_name: `${name}_new` }]);
    });
  });

  test('that is dropped and made again inherits nothing', async () => {
    await withLogin(async (name, connect) => {
      await makeAgain(name, await connect());
      const after = await connect();
      expect(await after.rows('select * from steadytext_requests')).toEqual([]);
      await after.rows(ENQUEUE);
      expect(await after.value('select count(*)::int from steadytext_requests')).toBe(1);
    });
  });

  test('that is made again under its name gets nothing when an administrator binds users', async () => {
    await withLogin(async (name, connect) => {
      const superuser = await makeAgain(name, await connect());
      const admin = await queue.session('admin', ['steadytext_admin']);
      expect(await admin.value('select steadytext_rebind_users()')).toBe(0);
      const after = await connect();
      expect(await after.rows('select * from steadytext_requests')).toEqual([]);
      await heartbeat();
      expect(
        await superuser.rows('select role_oid from steadytext_users where role_name = $1 order by user_id', [name]),
      ).toEqual([{ role_oid: null }, { role_oid: expect.any(Number) }]);
    });
  });
});

describe('a user of a database that was restored from another cluster', () => {
  const seen = (session: Session) => session.rows('select prompt from steadytext_requests order by id');
  const usersNamed = async (name: string) =>
    await (await queue.superuser()).rows(
      `select user_id, role_oid is not null as bound, binding_mark = 1 as foreign from steadytext_users
       where role_name = $1 order by user_id`,
      [name],
    );
  /** As after a restore: the row of this login has another cluster's mark. Gives its number. */
  const comesFromElsewhere = async (session: Session, change: string) =>
    (await (
      await queue.superuser()
    ).value(`update steadytext_users set binding_mark = 1, ${change} where user_id = $1 returning user_id`, [
      await session.value('select current_user_id()'),
    ])) as number;

  test('is not the login that has its oid here under another name, and stays found by its own', async () => {
    await withLogin(async (name, connect) => {
      const session = await connect();
      await session.rows(`select steadytext_embed_async('secret')`);
      const other = freshName('elsewhere');
      const userId = await comesFromElsewhere(session, `role_name = '${other}'`);
      expect(await seen(session)).toEqual([]);
      await heartbeat();
      expect(await seen(session)).toEqual([]);
      await session.rows(`select steadytext_embed_async('own')`);
      expect(await seen(session)).toEqual([{ prompt: 'own' }]);
      expect(await usersNamed(other)).toEqual([{ user_id: userId, bound: true, foreign: true }]);
      // Nor once it is called so: it has a row of this cluster.
      const superuser = await queue.superuser();
      await superuser.rows(`alter role ${name} rename to ${other}`);
      expect(await seen(session)).toEqual([{ prompt: 'own' }]);
      await superuser.rows(`alter role ${other} rename to ${name}`);
    });
  });

  test('is the role that has both its oid and its name, as after pg_upgrade, and a heartbeat makes that last', async () => {
    await withLogin(async (name, connect) => {
      const session = await connect();
      await session.rows(ENQUEUE);
      const userId = await comesFromElsewhere(session, 'weight = 1');
      expect(await seen(session)).toEqual([{ prompt: 'x' }]);
      await heartbeat();
      expect(await usersNamed(name)).toEqual([{ user_id: userId, bound: true, foreign: false }]);
      expect(await seen(session)).toEqual([{ prompt: 'x' }]);
    });
  });

  test('is nobody under another oid until an administrator binds users by name', async () => {
    await withLogin(async (name, connect) => {
      const session = await connect();
      await session.rows(ENQUEUE);
      const userId = await comesFromElsewhere(session, 'role_oid = 1');
      expect(await seen(session)).toEqual([]);
      await heartbeat();
      expect(await seen(session)).toEqual([]);
      expect(await refusal(session, 'select steadytext_rebind_users()')).toMatchObject({ code: '42501' });
      const admin = await queue.session('admin', ['steadytext_admin']);
      expect(await admin.value('select steadytext_rebind_users()')).toBe(1);
      expect(await seen(session)).toEqual([{ prompt: 'x' }]);
      expect(await usersNamed(name)).toMatchObject([
        { user_id: userId, bound: true, foreign: false },
        { bound: false },
      ]);
      expect(await admin.value('select steadytext_rebind_users()')).toBe(0);
      expect(
        await admin.rows(
          `select parameters -> 'bound' as bound from steadytext_audit_log where event_type = 'users_rebound' order by id`,
        ),
      ).toEqual([{ bound: 1 }, { bound: 0 }]);
    });
  });

  test('is of several of one name the latest that was bound when the dump was made, now and in a later call', async () => {
    await withLogin(async (name, connect) => {
      const superuser = await queue.superuser();
      const made = await superuser.rows(
        `insert into steadytext_users (role_name, role_oid, binding_mark)
         values ($1, 2, 1), ($1, 3, 1), ($1, 4, 1) returning user_id`,
        [name],
      );
      const ids = made.map(({ user_id }) => user_id as number);
      // The one before has requests, and the last one's role had been dropped.
      await superuser.rows(
        `insert into steadytext_queue (request_id, user_id, request_type, model, prompt)
         values (gen_random_uuid(), $1, 'embed', 'm', 'of a role of before')`,
        [ids[0]],
      );
      await superuser.rows('update steadytext_users set role_oid = null where user_id = $1', [ids[2]]);
      const admin = await queue.session('admin', ['steadytext_admin']);
      const session = await connect();
      for (const bound of [1, 0]) {
        expect(await admin.value('select steadytext_rebind_users()')).toBe(bound);
        expect(await session.value('select current_user_id()')).toBe(ids[1]);
      }
      expect(await seen(session)).toEqual([]);
    });
  });

  test('gives way to requests that its role made here before the call', async () => {
    await withLogin(async (_, connect) => {
      const session = await connect();
      await session.rows(`select steadytext_embed_async('before the dump')`);
      await comesFromElsewhere(session, 'role_oid = 1');
      await session.rows(`select steadytext_embed_async('after the restore')`);
      const admin = await queue.session('admin', ['steadytext_admin']);
      expect(await admin.value('select steadytext_rebind_users()')).toBe(0);
      expect(await seen(session)).toEqual([{ prompt: 'after the restore' }]);
    });
  });

  test('gives way to a prompt that its role made here before the call', async () => {
    await withLogin(async (_, connect) => {
      const session = await connect();
      await session.rows(ENQUEUE);
      await comesFromElsewhere(session, 'role_oid = 5');
      await session.rows(`select steadytext_prompt_create('made-after', 'x')`);
      const admin = await queue.session('admin', ['steadytext_admin']);
      expect(await admin.value('select steadytext_rebind_users()')).toBe(0);
      expect(await session.value(`select steadytext_prompt_delete('made-after')`)).toBe(true);
    });
  });
});
