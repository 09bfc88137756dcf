// Every wrong input, with the error a caller meets: the reference's words where it has any, and a hint always.
import { describe, expect, test } from 'vitest';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';

const queue = useQueue();
const LONG = `repeat('x', 100001)`;

type Case = readonly [call: string, code: string, message: string | RegExp];

const CASES: Readonly<Record<string, readonly Case[]>> = {
  generate: [
    [`generate_async(null)`, 'P0001', 'Prompt cannot be empty'],
    [`generate_async('')`, 'P0001', 'Prompt cannot be empty'],
    [`generate_async(E' \\n\\t ')`, 'P0001', 'Prompt cannot be empty'],
    [`generate_async(${LONG})`, 'ST009', 'Prompt should have at most 100000 characters, but has 100001'],
    [`generate_async('x', 0)`, 'P0001', 'max_tokens must be between 1 and 4096'],
    [`generate_async('x', 4097)`, 'P0001', 'max_tokens must be between 1 and 4096'],
    [`generate_async('x', -2147483648)`, 'P0001', 'max_tokens must be between 1 and 4096'],
    [`generate_async('x', seed => -1)`, 'P0001', 'seed must be non-negative'],
    [`generate_async('x', priority => 0)`, 'ST004', 'priority should be between 1 and 10, but is 0'],
    [`generate_async('x', priority => 11)`, 'ST004', 'priority should be between 1 and 10, but is 11'],
    [`generate_async('x', temperature => -0.1)`, 'ST004', /^temperature should be between 0 and 2, but is -0.1/],
    [`generate_async('x', temperature => 2.5)`, 'ST004', 'temperature should be between 0 and 2, but is 2.5'],
    [`generate_async('x', temperature => 'nan')`, 'ST004', 'temperature should be between 0 and 2, but is NaN'],
    [`generate_async('x', temperature => '-infinity')`, 'ST004', /^temperature .* between 0 and 2, but is -Infinity$/],
    [`generate_async('x', eos_string => '')`, 'ST004', 'eos_string should be 1 to 100 characters, but is ""'],
    [`generate_async('x', model => 'gpt-9')`, 'ST003', 'Model should be one that is registered, but "gpt-9" is not'],
    [`generate_async('x', model => '')`, 'ST003', 'Model should be one that is registered, but "" is not'],
    [
      `generate_async('x', model => 'all-minilm-l6-v2')`,
      'ST003',
      'Model for a request of type generate should be of kind text, but "all-minilm-l6-v2" is of kind embedding',
    ],
    [
      `generate_async('x', model => 'openai:gpt-9')`,
      'P0001',
      `Remote models (containing ':' ) require unsafe_mode=TRUE`,
    ],
    [`generate_async('x', model => 'openai:gpt-9', unsafe_mode => true)`, 'ST003', /"openai:gpt-9" is not$/],
    [`generate_async('x', unsafe_mode => true)`, 'P0001', 'unsafe_mode=TRUE requires a model parameter'],
    [`generate_async('x', scheduled_at => 'infinity')`, 'ST004', /^scheduled_at should be a point in time/],
    [`generate_async('x', scheduled_at => '-infinity')`, 'ST004', /^scheduled_at should be a point in time/],
    [`generate_async('x', idempotency_key => '')`, 'ST004', /^idempotency_key .* not all white space, but is ""$/],
    [
      `generate_async('x', idempotency_key => '  ')`,
      'ST004',
      /^idempotency_key .* not all white space, but is " {2}"$/,
    ],
    [`generate_async('x', idempotency_key => E'\\u00a0')`, 'ST004', /^idempotency_key .* not all white space/],
    [`generate_async('x', idempotency_key => E'b\\x1f1')`, 'ST004', /^idempotency_key should be without control/],
    [`generate_async('x', idempotency_key => repeat('k', 201))`, 'ST004', /^idempotency_key should be 1 to 200/],
  ],
  'generate batch': [
    [`generate_batch_async(null)`, 'P0001', 'Batch cannot be empty'],
    [`generate_batch_async('{}')`, 'P0001', 'Batch cannot be empty'],
    [`generate_batch_async(array['x', null])`, 'P0001', 'Prompt cannot be null'],
    [`generate_batch_async(array['x', ''])`, 'P0001', 'Prompt cannot be empty'],
    [`generate_batch_async(array['x', ${LONG}])`, 'ST009', /^Prompt should have at most/],
    [`generate_batch_async(array_fill('x'::text, array[10001]))`, 'P0001', 'Batch size exceeds maximum limit'],
    [
      `generate_batch_async(array_fill(repeat('x', 100000), array[700]))`,
      'ST009',
      /^The requests of a batch should have at most 67108864 bytes of input and options together, but have 700\d+$/,
    ],
    [`generate_batch_async(array[['a', 'b']])`, 'ST004', /^prompts .* of one dimension, but is an array of arrays$/],
    [`generate_batch_async(array['x'], 0)`, 'P0001', 'max_tokens must be between 1 and 4096'],
  ],
  embed: [
    [`embed_async(null)`, 'P0001', 'Text cannot be null'],
    [`embed_async('  ')`, 'P0001', 'Text cannot be empty'],
    [`embed_async(E'\\u00a0\\u2003\\u200b')`, 'P0001', 'Text cannot be empty'],
    [`embed_batch_async(array['x', E'\\u3000'])`, 'P0001', 'Text cannot be empty'],
    [`embed_async(E'\\u2800')`, 'P0001', 'Text cannot be empty'],
    [`embed_async(E'\\u00ad')`, 'P0001', 'Text cannot be empty'],
    [`embed_async(E'\\u3164\\uffa0\\u115f\\u1160')`, 'P0001', 'Text cannot be empty'],
    [
      `embed_async(E'\\u034f\\u061c\\u180e\\u200e\\u200f\\u2061\\u2062\\u2063\\u2064')`,
      'P0001',
      'Text cannot be empty',
    ],
    [`embed_async(${LONG})`, 'ST009', /^Text should have at most/],
    [`embed_async('x', seed => -5)`, 'P0001', 'seed must be non-negative'],
    [`embed_async('x', model => 'smollm2-135m-instruct')`, 'ST003', /should be of kind embedding/],
    [`embed_async('x', model => 'a:b')`, 'P0001', `Remote models (containing ':' ) require unsafe_mode=TRUE`],
    [`embed_async('x', priority => 99)`, 'ST004', 'priority should be between 1 and 10, but is 99'],
    [
      `embed_async('x', on_long_text => 'cut')`,
      'ST004',
      'on_long_text should be truncate, refuse or average, but is cut',
    ],
    [`embed_batch_async(array['x'], dimension => 0)`, 'ST004', /^dimension should be a whole number from 1 to 65536/],
    [`embed_batch_async(null)`, 'P0001', 'texts array cannot be null or empty'],
    [`embed_batch_async('{}')`, 'P0001', 'texts array cannot be null or empty'],
    [`embed_batch_async(array[null, 'x'])`, 'P0001', 'Text cannot be null'],
    [`embed_batch_async(array['x', ''])`, 'P0001', 'Text cannot be empty'],
    [`embed_batch_async(array[['a'], ['b']])`, 'ST004', /^texts should be an array of one dimension, but is/],
    [`embed_async(E'\\u0001\\x1f\\x7f\\u0080\\u009f')`, 'P0001', 'Text cannot be empty'],
  ],
  rerank: [
    [`rerank_async(null, array['x'])`, 'P0001', 'Query cannot be null'],
    [`rerank_async('', array['x'])`, 'P0001', 'Query cannot be empty'],
    [`rerank_async('q', null)`, 'P0001', 'Documents cannot be null'],
    [`rerank_async('q', '{}')`, 'P0001', 'Documents array cannot be empty'],
    [`rerank_async('q', array['x', null])`, 'P0001', 'Documents cannot contain null elements'],
    [`rerank_async('q', array['x', ''])`, 'P0001', 'Documents cannot contain empty elements'],
    [`rerank_async('q', array[E' \\u200b', 'x'])`, 'P0001', 'Documents cannot contain empty elements'],
    [`rerank_batch_async(array[['q']], array['x'])`, 'ST004', /^queries should be an array of one dimension, but is/],
    [`rerank_async('q', array[E'\\u0001'])`, 'P0001', 'Documents cannot contain empty elements'],
    [`rerank_batch_async(array['q'], array[' '])`, 'P0001', 'Documents cannot contain empty elements'],
    [
      `rerank_async('q', array[['a', 'b'], ['c', 'd']])`,
      'ST004',
      'documents should be an array of one dimension, but is an array of arrays',
    ],
    [
      `rerank_async('q', array_fill(repeat('x', 1001), array[1000]))`,
      'ST009',
      /^A request should have at most 1000000 bytes of input and options, but has 100\d+$/,
    ],
    [
      `rerank_async('q', array_fill('x'::text, array[1001]))`,
      'ST009',
      'Documents should be at most 1000, but are 1001',
    ],
    [`rerank_async('q', array['x', ${LONG}])`, 'ST009', /^Documents and task should have at most 100000/],
    [`rerank_async('q', array['x'], task => ${LONG})`, 'ST009', /^Documents and task should have at most 100000/],
    [`rerank_batch_async(null, array['x'])`, 'P0001', 'Queries cannot be empty'],
    [`rerank_batch_async('{}', array['x'])`, 'P0001', 'Queries cannot be empty'],
    [`rerank_batch_async(array['q', null], array['x'])`, 'P0001', 'Query cannot be null'],
    [`rerank_batch_async(array['q'], '{}')`, 'P0001', 'Documents array cannot be empty'],
    // A megabyte of documents, stored once for every query.
    [
      `rerank_batch_async(array_fill('q'::text, array[100]), array_fill(repeat('x', 900), array[1000]))`,
      'ST009',
      /^The requests of a batch should have at most 67108864 bytes of input and options together, but have 90\d+$/,
    ],
  ],
  'waiting and retrying': [
    [`get_async_result(null)`, 'P0001', 'Request ID <NULL> not found'],
    [`get_async_result('${'0'.repeat(32)}')`, 'P0001', /^Request ID 00000000-.* not found$/],
    [`get_async_result('${'0'.repeat(32)}', -1)`, 'P0001', 'Timeout cannot be negative'],
    [`get_async_result_json('${'0'.repeat(32)}')`, 'P0001', /not found$/],
    [`get_async_result_embedding('${'0'.repeat(32)}')`, 'P0001', /not found$/],
    [`retry_async('${'0'.repeat(32)}')`, 'P0001', /not found$/],
    [`retry_async(null)`, 'P0001', 'Request ID <NULL> not found'],
  ],
};

describe.each(Object.entries(CASES))('%s', (_, cases) => {
  test.each(cases)('%s is refused with %s', async (call, code, message) => {
    const alice = await queue.session('alice');
    const refused = await refusal(alice, `select steadytext_${call}`);
    expect(refused.code).toBe(code);
    if (typeof message === 'string') expect(refused.message).toBe(message);
    else expect(refused.message).toMatch(message);
    expect(refused.hint).toMatch(/\w.*\.$/s);
    expect(await alice.value('select count(*)::int from steadytext_queue')).toBe(0);
  });
});

describe('direct inserts', () => {
  test.each([
    [`('x', 'paint', '{}')`, 'ST006', 'request_type should be one that there is, but is paint'],
    [`('x', null, '{}')`, 'ST006', 'request_type should be one that there is, but is null'],
    [`('x', 'summarize', '{"metadata": []}')`, 'ST004', 'metadata should be of type object, but is []'],
    [`('x', 'extract_facts', '{"max_facts": 51}')`, 'P0001', 'max_facts must be between 1 and 50'],
    [`('x', 'deduplicate_facts', '{}')`, 'ST004', 'facts_array should be a JSON array, but is no JSON: x'],
    [
      `('[]', 'deduplicate_facts', '{"max_facts": 5}')`,
      'ST004',
      /^params should be options that .* has, but is max_facts$/,
    ],
    [`(null, 'embed', '{}')`, 'P0001', 'Text cannot be null'],
    [`('', 'generate', '{}')`, 'P0001', 'Prompt cannot be empty'],
    [`('x', 'generate', '[]')`, 'ST004', 'params should be a JSON object, but is []'],
    [`('x', 'generate', '{"max_tokens": 9999}')`, 'P0001', 'max_tokens must be between 1 and 4096'],
    [`('x', 'generate', '{"max_tokens": "5"}')`, 'ST004', 'max_tokens should be of type number, but is "5"'],
    [`('x', 'generate', '{"max_tokens": 1.5}')`, 'ST004', 'max_tokens should be a whole number, but is 1.5'],
    [`('x', 'generate', '{"temperature": "hot"}')`, 'ST004', 'temperature should be of type number, but is "hot"'],
    [`('x', 'generate', '{"top_k": -1}')`, 'ST004', 'top_k should be a whole number from 0 to 1000000, but is -1'],
    [`('x', 'generate', '{"top_k": "5"}')`, 'ST004', 'top_k should be of type number, but is "5"'],
    [`('x', 'generate', '{"top_k": 0.5}')`, 'ST004', /^top_k should be a whole number .*, but is 0.5$/],
    [`('x', 'generate', '{"top_p": 0}')`, 'ST004', 'top_p should be above 0 and at most 1, but is 0'],
    [`('x', 'generate', '{"top_p": 1.1}')`, 'ST004', 'top_p should be above 0 and at most 1, but is 1.1'],
    [
      `('x', 'generate', '{"min_tokens": 8, "max_tokens": 7}')`,
      'ST004',
      'min_tokens should be a whole number from 0 to max_tokens (7), but is 8',
    ],
    [`('x', 'generate', '{"stop": "END"}')`, 'ST004', 'stop should be of type array, but is "END"'],
    ...[
      [`["a", ""]`, 'one with ""'],
      [`["a", 7]`, 'one with 7'],
      ['[["a"], "b"]', 'one with ["a"]'],
      [JSON.stringify(Array(17).fill('a')), 'one of 17'],
      [JSON.stringify(['a', 'x'.repeat(101)]), 'one with a text of 101'],
    ].map(([stop, came]): [string, string, string] => [
      `('x', 'generate', '{"stop": ${stop}}')`,
      'ST004',
      `stop should be an array of at most 16 texts of 1 to 100 characters, but is ${came}`,
    ]),
    [`('x', 'embed', '{"on_long_text": 1}')`, 'ST004', 'on_long_text should be truncate, refuse or average, but is 1'],
    [`('x', 'embed', '{"dimension": 1.5}')`, 'ST004', /^dimension should be a whole number .* but is 1\.5$/],
    [`('x', 'embed', '{"dimension": "8"}')`, 'ST004', 'dimension should be of type number, but is "8"'],
    [`('x', 'generate', '{"dimension": 8}')`, 'ST004', /^params should be options that a request of type generate has/],
    [`('x', 'generate', '{"use_cache": 1}')`, 'ST004', 'use_cache should be of type boolean, but is 1'],
    [`('x', 'generate', '{"model": "gpt-9"}')`, 'ST003', 'Model should be one that is registered, but "gpt-9" is not'],
    [
      `('x', 'embed', '{"max_tokens": 1, "sed": 1}')`,
      'ST004',
      'params should be options that a request of type embed has, but is max_tokens, sed',
    ],
    [`('x', 'rerank', '{}')`, 'P0001', 'Documents cannot be null'],
    [`('x', 'rerank', '{"documents": "x"}')`, 'ST004', 'documents should be of type array, but is "x"'],
    [`('x', 'rerank', '{"documents": [1]}')`, 'ST004', 'documents should be an array of texts, but is {number}'],
    [`('x', 'rerank', '{"documents": ["a", null]}')`, 'P0001', 'Documents cannot contain null elements'],
    [`('x', 'rerank', '{"documents": ["a", "\\t"]}')`, 'P0001', 'Documents cannot contain empty elements'],
  ])('%s is refused with %s', async (values, code, message) => {
    const alice = await queue.session('alice');
    const insert = `insert into steadytext_queue (prompt, request_type, params) values ${values}`;
    expect(await refusal(alice, insert)).toMatchObject({ code, message, hint: expect.stringMatching(/\.$/) });
  });

  test('how tokens are picked is stored as it was said', async () => {
    const alice = await queue.session('alice');
    const params = { top_k: 40, top_p: 0.9, min_tokens: 3, max_tokens: 3, stop: ['a', '.'] };
    const insert = `insert into steadytext_queue (prompt, request_type, params) values ('x', 'generate', $1)`;
    await alice.rows(insert, [JSON.stringify(params)]);
    const [row] = await alice.rows(`select params from steadytext_requests where params ? 'top_k'`);
    expect(row!.params).toMatchObject(params);
  });

  test('a priority out of range and a request id used before are refused', async () => {
    const alice = await queue.session('alice');
    const insert = (id: string, priority: number) =>
      `insert into steadytext_queue (request_id, prompt, request_type, priority) values ('${id}', 'x', 'embed', ${priority})`;
    const id = '11111111-2222-3333-4444-555555555555';
    expect(await refusal(alice, insert(id, 0))).toMatchObject({ code: 'ST004' });
    await alice.rows(insert(id, 1));
    expect(await refusal(alice, insert(id, 1))).toMatchObject({ code: '23505' });
  });
});

describe('workers', () => {
  test('a lease shorter than a second, longer than an hour, or of no length is refused to workers', async () => {
    const alice = await queue.session('alice');
    await alice.rows(`select steadytext_embed_async('x')`);
    const worker = await queue.worker();
    for (const seconds of [0.999, 0, -30, 3600.5, Number.NaN, Number.POSITIVE_INFINITY, null as unknown as number]) {
      await expect(worker.claim({ embed: 1 }, { leaseSeconds: seconds })).rejects.toMatchObject({
        code: 'ST004',
        message: `lease_seconds should be between 1 and 3600, but is ${seconds}`,
      });
    }
    const claimed = await worker.claim({ embed: 1 }, { leaseSeconds: 1 });
    await expect(worker.renew(claimed, -1)).rejects.toMatchObject({ code: 'ST004' });
    await expect(worker.renew(claimed, Number.NaN)).rejects.toMatchObject({ code: 'ST004' });
    expect(await worker.renew(claimed, 3600)).toHaveLength(1);
  });

  test('limits of rows that are negative or null are refused to workers', async () => {
    const worker = await queue.worker();
    for (const limit of [-1, null as unknown as number]) {
      await expect(worker.promote(limit)).rejects.toMatchObject({ code: 'ST004' });
      await expect(worker.rescue(limit)).rejects.toMatchObject({ code: 'ST004' });
    }
  });
});
