// What a synchronous function says of bad input, raised or as on_error has it: a code, a text, a hint.
import { describe, expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';
import { answering, useSideChannel } from './support/sync.ts';

const queue = useQueue();
useSideChannel(queue);

describe('bad input', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    [`steadytext_generate(null)`, 'P0001', /^Prompt cannot be null$/],
    [`steadytext_generate(' ')`, 'P0001', /^Prompt cannot be empty$/],
    [`steadytext_generate('x', 0)`, 'P0001', /^max_tokens must be between 1 and 4096$/],
    [`steadytext_generate('x', seed => -1)`, 'P0001', /^seed must be non-negative$/],
    [`steadytext_generate('x', unsafe_mode => true)`, 'P0001', /^unsafe_mode=TRUE requires a model parameter$/],
    [
      `steadytext_generate('x', model => 'a:b')`,
      'P0001',
      /^Remote models \(containing ':' \) require unsafe_mode=TRUE$/,
    ],
    [`steadytext_generate('x', model => 'none')`, 'ST003', /"none" is not$/],
    [`steadytext_generate('x', size => 'large')`, 'ST004', /^size should be left out/],
    [`steadytext_generate(repeat('x', 100001))`, 'ST009', /at most 100000 characters/],
    [`steadytext_generate_stream(null)`, 'P0001', /^Prompt cannot be null$/],
    [`steadytext_generate_stream(' ')`, 'P0001', /^Prompt cannot be empty$/],
    [`steadytext_generate_stream('x', 0)`, 'P0001', /^max_tokens must be between 1 and 4096$/],
    [`steadytext_generate_stream('x', model => 'none')`, 'ST003', /"none" is not$/],
    [`steadytext_generate_stream('x', model_repo => 'a/b')`, 'ST004', /^model_repo should be left out/],
    [`steadytext_generate_stream(repeat('x', 100001))`, 'ST009', /at most 100000 characters/],
    [`steadytext_generate_json('x', null)`, 'P0001', /^Schema cannot be null$/],
    [`steadytext_generate_json('x', 'null')`, 'P0001', /^Schema cannot be null$/],
    [`steadytext_generate_json('x', '{"nope": 1}')`, 'ST004', /^keyword in schema/],
    [`steadytext_generate_regex('x', ' ')`, 'P0001', /^Pattern cannot be null or empty$/],
    [`steadytext_generate_choice('x', null)`, 'P0001', /^Choices cannot be null or empty$/],
    [`steadytext_generate_choice('x', '{a}')`, 'P0001', /^Must provide at least 2 choices$/],
    [`steadytext_embed(null)`, 'P0001', /^Text cannot be null$/],
    [`steadytext_embed('')`, 'P0001', /^Text cannot be empty$/],
    [`steadytext_rerank('', '{a}')`, 'P0001', /^Query cannot be empty$/],
    [`steadytext_rerank('x', null)`, 'P0001', /^Documents cannot be null$/],
    [`steadytext_rerank('x', '{}')`, 'P0001', /^Documents array cannot be empty$/],
    [`steadytext_rerank('x', '{a,null}')`, 'P0001', /^Documents cannot contain null elements$/],
    [`steadytext_rerank_top_k('x', '{a}', 0)`, 'P0001', /^top_k must be greater than 0$/],
    [`steadytext_rerank_batch('{}', '{a}')`, 'P0001', /^Queries cannot be empty$/],
  ];

  test.each(cases)('%s', async (call, code, message) => {
    const alice = await queue.session('alice');
    expect(await refusal(alice, `select ${call}`)).toEqual({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/\S/),
    });
    const asNull = await alice.rows(`select ${call.slice(0, -1)}, on_error => 'null') as answer`);
    expect(asNull.filter(({ answer }) => answer !== null)).toEqual([]);
    const asJson = `select ${call.slice(0, -1)}, on_error => 'json') as answer`;
    if (!call.startsWith('steadytext_generate'))
      return expect(await refusal(alice, asJson)).toMatchObject({ code: 'ST004' });
    expect(JSON.parse((await alice.value(asJson)) as string)).toEqual({
      error: { sqlstate: code, message: expect.stringMatching(message), hint: expect.any(String) },
    });
  });

  test('what a worker refuses comes as an error, never as zeros or prose', async () => {
    const alice = await queue.session('alice');
    await using _ = await answering(queue, () => ({ outcome: 'failed', error: 'InvalidInput: too much' }));
    for (const call of [
      `steadytext_generate('x')`,
      `steadytext_generate_stream('x')`,
      `steadytext_embed('x')`,
      `steadytext_rerank('x', '{a}')`,
    ])
      expect(await refusal(alice, `select ${call}`)).toMatchObject({
        code: 'P0001',
        message: 'Request failed: InvalidInput: too much',
      });
    expect(await alice.value(`select steadytext_embed('x', on_error => 'null')`)).toBeNull();
  });

  test('a login that may not enqueue is refused as everywhere', async () => {
    const reader = await queue.session('reader', ['steadytext_reader']);
    expect(await refusal(reader, `select steadytext_generate('x')`)).toMatchObject({ code: '42501' });
  });
});
