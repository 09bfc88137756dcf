// Limits of what is enqueued: rows of steadytext_settings, which administrators change and nobody else.
import { describe, expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();

describe('limits', () => {
  test('are what an administrator sets them to', async () => {
    const alice = await queue.session('alice');
    const admin = await queue.session('admin', ['steadytext_admin']);
    const set = (name: string, value: string) =>
      admin.rows('update steadytext_settings set value = $2 where name = $1 returning name', [name, value]);
    expect(await set('max_input_length', '3')).toHaveLength(1);
    expect(await set('max_tokens_limit', '100')).toHaveLength(1);
    try {
      expect(await refusal(alice, `select steadytext_embed_async('four')`)).toMatchObject({ code: 'ST009' });
      expect(await refusal(alice, `select steadytext_generate_async('abc', 101)`)).toMatchObject({
        message: 'max_tokens must be between 1 and 100',
      });
    } finally {
      await set('max_input_length', '100000');
      await set('max_tokens_limit', '4096');
    }
    for (const wrong of ['', '-1', '0', 'many', '1e3']) {
      expect(
        await refusal(admin, `update steadytext_settings set value = $1 where unit = 'count'`, [wrong]),
      ).toMatchObject({ code: 'ST004' });
    }
    expect(await refusal(alice, 'select * from steadytext_settings')).toMatchObject({ code: '42501' });
  });

  test('of tokens lower than the default are what a call gets that names none, and no reason to refuse it', async () => {
    const alice = await queue.session('alice');
    const admin = await queue.session('admin', ['steadytext_admin']);
    const limit = (value: number) =>
      admin.rows(`update steadytext_settings set value = $1 where name = 'max_tokens_limit'`, [value]);
    const stored = () => alice.rows(`select (params -> 'max_tokens')::int as n from steadytext_requests order by id`);
    const calls = [
      `select steadytext_generate_async('x')`,
      `select steadytext_generate_async('x', null)`,
      `select steadytext_generate_batch_async(array['x'])`,
      `insert into steadytext_queue (prompt, request_type) values ('x', 'generate')`,
      `insert into steadytext_queue (prompt, request_type, params) values ('x', 'generate', '{"max_tokens": null}')`,
    ];
    try {
      await limit(256);
      for (const call of calls) await alice.rows(call);
      expect(await stored()).toEqual(calls.map(() => ({ n: 256 })));
      expect(await refusal(alice, `select steadytext_generate_async('x', 512)`)).toMatchObject({
        message: 'max_tokens must be between 1 and 256',
      });
      await limit(1000);
      await alice.rows(calls[0]!);
      expect((await stored()).at(-1)).toEqual({ n: 512 });
    } finally {
      await limit(4096);
    }
  });

  test('of a batch are of all that it stores, and not of a single request', async () => {
    const alice = await queue.session('alice');
    const admin = await queue.session('admin', ['steadytext_admin']);
    const limit = (value: number) =>
      admin.rows(`update steadytext_settings set value = $1 where name = 'max_batch_bytes'`, [value]);
    await alice.rows(`select steadytext_embed_async('any')`);
    const options = (await alice.value('select octet_length(params::text) from steadytext_requests')) as number;
    const call = `select cardinality(steadytext_embed_batch_async(array['0123456789', 'x']))`;
    try {
      await limit(11 + 2 * options);
      expect(await alice.value(call)).toBe(2);
      await limit(10 + 2 * options);
      expect(await refusal(alice, call)).toMatchObject({
        code: 'ST009',
        message: expect.stringMatching(/ at most \d+ bytes .* together, but have \d+$/),
        hint: expect.stringContaining('max_batch_bytes'),
      });
      await alice.rows(`select steadytext_embed_async(repeat('x', 1000))`);
    } finally {
      await limit(67108864);
    }
    expect(await alice.value('select count(*)::int from steadytext_queue')).toBe(4);
  });

  test('that have lost their row are an error and not a limit less', async () => {
    const superuser = await queue.superuser();
    for (const [name, call] of [
      ['max_input_length', `select steadytext_embed_async('x')`],
      ['queue_retention', 'select steadytext_private.prune_requests()'],
    ] as const) {
      await superuser.rows('begin');
      await superuser.rows('delete from steadytext_settings where name = $1', [name]);
      const { message } = await refusal(superuser, call).finally(() => superuser.rows('rollback'));
      expect(message).toBe(`The setting "${name}" should have a row in steadytext_settings, but has none`);
    }
  });

  test('no setting of a session changes them', async () => {
    const alice = await queue.session('alice');
    await alice.rows(`set steadytext.max_tokens_limit = '100000'`);
    expect(await refusal(alice, `select steadytext_generate_async('x', 5000)`)).toMatchObject({ code: 'P0001' });
  });
});
