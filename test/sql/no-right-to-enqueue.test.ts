// Logins that may not enqueue: what is done for them by others, and that grants by hand make no user of them.
import { describe, expect, test } from 'vitest';
import { openClient } from '../support/database.ts';
import { Session, useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();
const ENQUEUE = `select steadytext_embed_async('x')`;

describe('a login without the right to enqueue', () => {
  test('has rows embedded by a trigger that is SECURITY DEFINER: the requests are of its owner', async () => {
    const superuser = await queue.superuser();
    const [owner, caller] = [await queue.session('definer'), await queue.session('caller', [])];
    const [definer, login] = [
      await owner.value('select session_user::text'),
      await caller.value('select session_user::text'),
    ];
    await superuser.rows(`create schema notes authorization ${definer}`);
    try {
      await owner.rows('create table notes.notes (body text)');
      await owner.rows(`create function notes.embed() returns trigger language plpgsql security definer as $$
        begin
          perform steadytext.steadytext_embed_async(new.body);
          return new;
        end $$`);
      await owner.rows('create trigger embed before insert on notes.notes for each row execute function notes.embed()');
      await owner.rows(`grant usage on schema notes to ${login}`);
      await owner.rows(`grant insert on notes.notes to ${login}`);
      await caller.rows(`insert into notes.notes values ('a note')`);
      expect(await owner.rows('select prompt from steadytext_requests')).toEqual([{ prompt: 'a note' }]);
      expect(await superuser.rows('select from steadytext_users where role_name = $1', [login])).toEqual([]);
    } finally {
      await superuser.rows('drop schema notes cascade');
    }
  });

  test('but with a grant of the functions alone is refused and gets no row', async () => {
    const superuser = await queue.superuser();
    const caller = await queue.session('half', []);
    const login = await caller.value('select session_user::text');
    await superuser.rows(`grant usage on schema steadytext, steadytext_private to ${login}`);
    await superuser.rows(`grant execute on function steadytext_embed_async to ${login}`);
    await superuser.rows(`grant insert, select on steadytext_private.calls to ${login}`);
    const refused = await refusal(caller, `select steadytext.steadytext_embed_async('x')`);
    expect(refused).toMatchObject({ code: 'ST010', hint: 'An administrator grants it that role.' });
    expect(refused.message).toContain(`"${login}" should be a member of steadytext_writer`);
    expect(await superuser.rows('select from steadytext_users where role_name = $1', [login])).toEqual([]);
    await superuser.rows(`drop owned by ${login}`);
  });

  test('is not one that migrates, nor a member that does not inherit the right', async () => {
    const superuser = await queue.superuser();
    const admin = new Session(await openClient(queue.db.adminUrl));
    await admin.rows(ENQUEUE);
    expect(await admin.value('select count(*)::int from steadytext_queue')).toBe(1);
    await admin.client.end();
    const member = await queue.session('member');
    await superuser.rows(`alter role ${await member.value('select session_user::text')} noinherit`);
    await member.rows('set role steadytext_writer');
    await member.rows(`select steadytext.steadytext_embed_async('x')`);
    expect(await member.value('select count(*)::int from steadytext.steadytext_queue')).toBe(1);
  });
});
