// A role that was renamed under an open session: SET ROLE holds its old name, which may be another role's by now.
import { describe, expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();

describe('identity', () => {
  test('of a role that was renamed under an open session enqueues nothing', async () => {
    const superuser = await queue.superuser();
    const gateway = await queue.session('gateway', []);
    const login = (await gateway.value('select session_user::text')) as string;
    await superuser.rows(`create role ${login}_old nologin in role steadytext_writer`);
    await superuser.rows(`grant ${login}_old to ${login}`);
    await gateway.rows(`set role ${login}_old`);
    await superuser.rows(`alter role ${login}_old rename to ${login}_new`);
    try {
      expect(await refusal(gateway, `select steadytext.steadytext_embed_async('x')`)).toMatchObject({ code: 'ST010' });
    } finally {
      await gateway.rows('reset role');
      await superuser.rows(`drop role ${login}_new`);
    }
  });

  test('of a role that was renamed under an open session is not that of the role that has its name now', async () => {
    const superuser = await queue.superuser();
    const gateway = await queue.session('gateway', []);
    const login = await gateway.value('select session_user::text');
    const team = `${login}_team`;
    await superuser.rows(`create role ${team} nologin in role steadytext_writer`);
    await superuser.rows(`grant ${team} to ${login}`);
    await gateway.rows(`set role ${team}`);
    const own = await gateway.value(`select steadytext_embed_async('of the old team')`);
    await superuser.rows(`alter role ${team} rename to ${team}_old`);
    await superuser.rows(`create role ${team} nologin in role steadytext_writer, steadytext_admin`);
    // A member that may not SET ROLE to it, which there is since 16, is no reason to be taken for it.
    if (queue.db.server.version >= 16) await superuser.rows(`grant ${team} to ${login} with inherit false, set false`);
    try {
      await superuser.rows(`set role ${team}`);
      const id = await superuser.value(`select steadytext_embed_async('secret of the new team')`);
      await superuser.rows('reset role');
      expect(await gateway.rows('select prompt from steadytext_queue')).toEqual([]);
      expect(await gateway.value('select current_user_id()')).toBeNull();
      for (const which of [id, own]) {
        expect(await gateway.value('select steadytext_cancel_async($1)', [which])).toBe(false);
        expect(await gateway.rows('select * from steadytext_check_async($1)', [which])).toEqual([]);
        for (const name of ['get_async_result', 'retry_async'])
          expect(await refusal(gateway, `select steadytext_${name}($1)`, [which])).toMatchObject({
            message: `Request ID ${which} not found`,
          });
      }
      expect(await refusal(gateway, `select steadytext_embed_async('x')`)).toMatchObject({ code: 'ST010' });
      await gateway.rows(`set role ${team}_old`);
      expect(await gateway.rows('select prompt from steadytext_queue')).toEqual([{ prompt: 'of the old team' }]);
    } finally {
      await superuser.rows('reset role');
      await gateway.rows('reset role');
      await superuser.rows(`drop role ${team}, ${team}_old`);
    }
  });
});
