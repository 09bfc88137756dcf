// What functions and aggregates of texts say of bad input: a code, a text and a hint, raised or as on_error has it.
import { describe, expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';
import { useSideChannel } from './support/sync.ts';

const queue = useQueue();
useSideChannel(queue);

describe('bad input', () => {
  const long = `repeat('x', 100001)`;
  test.each([
    [`steadytext_summarize_text(null)`, 'P0001', /^Text cannot be null$/],
    [`steadytext_summarize_text(' ')`, 'P0001', /^Text cannot be empty$/],
    [`steadytext_summarize_text(${long})`, 'ST009', /at most 100000 characters/],
    [`steadytext_summarize_text('x', '[]')`, 'ST004', /^metadata should be of type object, but is \[\]$/],
    [`steadytext_summarize_text('x', '"y"')`, 'ST004', /^metadata should be of type object/],
    [`steadytext_summarize_text('x', jsonb_build_object('y', repeat('z', 1000)))`, 'ST004', /at most 1000 characters/],
    [`steadytext_summarize_text('x', '{"max_tokens": "many"}')`, 'ST004', /^max_tokens should be of type number/],
    [`steadytext_summarize_text('x', max_tokens => 0)`, 'P0001', /^max_tokens must be between 1 and 4096$/],
    [`steadytext_summarize_text('x', seed => -1)`, 'P0001', /^seed must be non-negative$/],
    [`steadytext_summarize_text('x', model => 'none')`, 'ST003', /"none" is not$/],
    [`steadytext_summarize_text('x', '{"model": "all-minilm-l6-v2"}')`, 'ST003', /should be of kind text/],
    [`steadytext_summarize_text('x', '{"model": "a:b"}')`, 'P0001', /require unsafe_mode=TRUE$/],
    [
      `steadytext_summarize_text('x', '{"unsafe_mode": true}')`,
      'P0001',
      /^unsafe_mode=TRUE requires a model parameter$/,
    ],
    [`steadytext_extract_facts('x', 0)`, 'P0001', /^max_facts must be between 1 and 50$/],
    [`steadytext_extract_facts('x', 51)`, 'P0001', /^max_facts must be between 1 and 50$/],
    [`steadytext_extract_facts(${long})`, 'ST009', /at most 100000 characters/],
    [`steadytext_extract_facts('x', model => 'smollm2-135m-instruct')`, 'ST003', /should be of kind embedding/],
    [`steadytext_deduplicate_facts(null)`, 'P0001', /^Facts array cannot be null$/],
    [
      `steadytext_deduplicate_facts('{"facts": []}')`,
      'ST004',
      /^facts_array should be a JSON array, but is of type object$/,
    ],
    [`steadytext_deduplicate_facts('["a", 7]')`, 'ST004', /^facts_array\[1\] should be a text.*of type number$/],
    [`steadytext_deduplicate_facts('[{"fact": "a"}]')`, 'ST004', /^facts_array\[0\] .*of type object$/],
    [`steadytext_deduplicate_facts('["a", " "]')`, 'ST004', /^facts_array\[1\] .*but is blank$/],
    [`steadytext_deduplicate_facts('["a"]', 1.01)`, 'P0001', /^similarity_threshold must be between 0.0 and 1.0$/],
    [`steadytext_deduplicate_facts('["a"]', 'NaN')`, 'P0001', /^similarity_threshold must be between 0.0 and 1.0$/],
    [`steadytext_generate_cached(null)`, 'P0001', /^Prompt cannot be null$/],
  ])('%s', async (call, code, message) => {
    const alice = await queue.session('alice');
    const told = { code, message: expect.stringMatching(message), hint: expect.stringMatching(/\S/) };
    expect(await refusal(alice, `select ${call}`)).toEqual(told);
    expect(await alice.value(`select ${call.slice(0, -1)}, on_error => 'null')`)).toBeNull();
    const asJson = await alice.value(`select (${call.slice(0, -1)}, on_error => 'json'))::jsonb`);
    expect(asJson).toEqual({ error: { sqlstate: code, message: told.message, hint: told.hint } });
    if (/cached/.test(call)) return;
    // Enqueued it is refused in the same way.
    const later = call.replace('_text(', '_async(').replace('_facts(', '_facts_async(');
    if (!/metadata|jsonb|'x', '[[{"]/.test(later)) expect(await refusal(alice, `select ${later}`)).toEqual(told);
  });

  test.each([
    [`steadytext_summarize('x', '[]')`, /^metadata should be a JSON object, but is \[\]$/],
    [`steadytext_summarize('x', '{"on_error": "json"}')`, /^on_error should be 'raise' or 'null'/],
    [`steadytext_summarize_final('{"rows": 1}')`, /^partial should be what steadytext_summarize_partial gave/],
    [`steadytext_summarize_final('[]')`, /^partial should be what/],
    [`steadytext_summarize_final('{"rows": "1", "summary": "x"}')`, /^partial should be what/],
    [`steadytext_summarize_final('{"rows": 1, "summary": "x", "metadata": 7}')`, /^partial should be what/],
  ])('%s', async (call, message) => {
    const alice = await queue.session('alice');
    expect(await refusal(alice, `select ${call}`)).toMatchObject({
      code: 'ST004',
      message: expect.stringMatching(message),
    });
  });
});
