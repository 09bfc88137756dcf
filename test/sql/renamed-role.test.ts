// A role that was renamed under an open session is the same role: SET ROLE holds its old name, which may be another role's by
// now, and who asks is known by what PostgreSQL knows.
import { expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();

test('it goes on with its own requests, and gets nothing of the role that has its name now', async () => {
  const superuser = await queue.superuser();
  const gateway = await queue.session('gateway', []);
  const login = await gateway.value('select session_user::text');
  const team = `${login}_team`;
  await superuser.rows(`create role ${team} nologin in role steadytext_writer`);
  await superuser.rows(`grant ${team} to ${login}`);
  await gateway.rows(`set role ${team}`);
  await gateway.rows(`select steadytext_embed_async('of the old team')`);
  await superuser.rows(`alter role ${team} rename to ${team}_old`);
  await superuser.rows(`create role ${team} nologin in role steadytext_writer, steadytext_admin`);
  try {
    await superuser.rows(`set role ${team}`);
    const id = await superuser.value(`select steadytext_embed_async('secret of the new team')`);
    await superuser.rows('reset role');
    await gateway.rows(`select steadytext_embed_async('still of the old team')`);
    expect(await gateway.rows('select prompt, asked_by from steadytext_requests order by id')).toEqual([
      { prompt: 'of the old team', asked_by: team },
      { prompt: 'still of the old team', asked_by: `${team}_old` },
    ]);
    expect(await gateway.value('select steadytext_cancel_async($1)', [id])).toBe(false);
    expect(await gateway.rows('select * from steadytext_check_async($1)', [id])).toEqual([]);
    for (const name of ['get_async_result', 'retry_async'])
      expect(await refusal(gateway, `select steadytext_${name}($1)`, [id])).toMatchObject({
        message: `Request ID ${id} not found`,
      });
  } finally {
    await superuser.rows('reset role');
    await gateway.rows('reset role');
    await superuser.rows(`drop role ${team}, ${team}_old`);
  }
});
