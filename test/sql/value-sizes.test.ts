// Values of any size and time: refused in few words, or taken as what they mean.
import { describe, expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();

describe('values of any size', () => {
  const DIRECT = 'insert into steadytext_queue (prompt, request_type, params, session_id, created_at) values';

  test('a number of a thousand digits is not echoed whole', async () => {
    const alice = await queue.session('alice');
    const { message, hint } = await refusal(alice, `${DIRECT} ('x', 'generate', '{"max_tokens": 1e999}', null, null)`);
    expect(message).toBe('max_tokens must be between 1 and 4096');
    expect(hint!.length).toBeLessThan(100);
  });

  test('a long session_id and a name of megabytes are refused in few words', async () => {
    const alice = await queue.session('alice');
    for (const values of [
      `('x', 'embed', '{}', repeat('s', 1000000), null)`,
      `('x', 'embed', jsonb_build_object(repeat('k', 1000000), 1), null, null)`,
    ]) {
      const { code, message } = await refusal(alice, `${DIRECT} ${values}`);
      expect(code).toBe('ST004');
      expect(message.length).toBeLessThan(200);
    }
  });

  test.each([
    [`select steadytext_generate_async('x', model => repeat('k', 100000))`, 'ST003', 'k'],
    [`${DIRECT} ('x', 'embed', jsonb_build_object('model', repeat('m', 100000)), null, null)`, 'ST003', 'm'],
    [`insert into steadytext_queue (prompt, request_type) values ('x', repeat('s', 200000))`, 'ST006', 's'],
  ])('%s is told with the beginning of what came', async (statement, code, letter) => {
    const alice = await queue.session('alice');
    const refused = await refusal(alice, statement);
    expect(refused.code).toBe(code);
    expect(refused.message).toContain(letter.repeat(100));
    expect(refused.message.length).toBeLessThan(200);
    expect(refused.hint!.length).toBeLessThan(200);
  });

  test.each(['infinity', '-infinity', '1900-01-01', '2999-01-01'])('created_at = %s is refused', async (time) => {
    const alice = await queue.session('alice');
    const refused = await refusal(alice, `${DIRECT} ('x', 'embed', '{}', null, '${time}')`);
    expect(refused).toMatchObject({ code: 'ST004', hint: expect.stringMatching(/^Leave it out/) });
  });

  test('a clock a little ahead is taken for now, and an hour ago stays', async () => {
    const alice = await queue.session('alice');
    await alice.rows(`${DIRECT} ('x', 'embed', '{}', null, now() + interval '20 seconds')`);
    await alice.rows(`${DIRECT} ('y', 'embed', '{}', null, now() - interval '1 hour')`);
    expect(
      await alice.rows(`select created_at <= now() as past, now() - created_at > interval '59 minutes' as old
                        from steadytext_requests order by prompt`),
    ).toEqual([
      { past: true, old: false },
      { past: true, old: true },
    ]);
  });
});
