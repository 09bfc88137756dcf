// What a synchronous call cancels that comes to no answer: what it enqueued itself, whatever it has heard of that, and in nobody else's name.
import { expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { useQueue } from './support/queue.ts';
import { useSideChannel } from './support/sync.ts';

const queue = useQueue();
useSideChannel(queue);

test('a call whose answer was read and lost with the statement that read it cancels its request, and nobody else’s', async () => {
  const alice = await queue.session('alice');
  const superuser = await queue.superuser();
  const name = await alice.value('select current_user::text');
  const abandon = (enqueues: boolean) => `do $do$
    declare
      v_dblink text := (steadytext_private.sync_route()).dblink_schema;
      v_payload text := steadytext_private.sync_payload('${name}', 'generate', '{x}', '{}', null, false, null);
    begin
      if ${enqueues} then
        perform steadytext_private.sync_begin(v_dblink, 'lost', 'lost', v_payload);
      else
        -- Another call of the same session, which enqueued nothing: what the one before it has is not its own.
        perform steadytext_private.sync_begin(v_dblink, 'lost', 'lost', v_payload || ' ');
        v_payload := steadytext_private.sync_payload('${name}', 'generate', '{y}', '{}', null, false, null);
      end if;
      perform steadytext_private.sync_abandon(v_dblink, 'lost', '${name}', null, v_payload);
    end $do$`;
  // As the owner's functions do: the user mapping is the owner's.
  await superuser.rows('set role steadytext_owner');
  await superuser.rows(abandon(false));
  expect(await superuser.value('select status from steadytext_queue')).toBe('pending');
  await superuser.rows('truncate steadytext_queue');
  await superuser.rows(abandon(true));
  await superuser.rows('reset role');
  await waitFor(
    async () => (await superuser.value('select status from steadytext_queue')) === 'cancelled',
    'the request to be cancelled',
  );
  // In the name of whoever asks, and so of nobody else's request, whose id it may be.
  await superuser.rows('truncate steadytext_queue');
  const id = await alice.value(`select steadytext_generate_async('mine', use_cache => false)`);
  const bob = await (await queue.session('bob')).value('select current_user::text');
  for (const [who, count] of [
    [bob, 0],
    [name, 1],
  ])
    expect(
      await superuser.value(
        `select steadytext_private.sync_cancel($1, array[$2::uuid], steadytext_private.sync_mac('cancel', array[$2::uuid]::text || ' ' || $1))`,
        [who, id],
      ),
    ).toBe(count);
});
