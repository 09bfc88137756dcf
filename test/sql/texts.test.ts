// Summaries and facts in SQL: functions and aggregates. A worker of the test answers.
import { describe, expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { useServedDigest } from './support/cached.ts';
import { useQueue } from './support/queue.ts';
import { refusal } from './support/refusal.ts';
import { answering, useSideChannel } from './support/sync.ts';
import type { Claimed } from './support/worker-session.ts';

const queue = useQueue();
useSideChannel(queue);
useServedDigest(queue);

/** A summary tells what it is of, without white space around it; facts come back as they were. */
const inBrackets = ({ request_type, prompt }: Claimed) => ({
  result: request_type === 'summarize' ? `[${prompt.replaceAll('\n\n', ' | ')}]` : `{"facts": ["${prompt}"]}`,
});
const shift = `(values ('day', 'one'), ('day', null), ('day', 'two'), ('night', 'three'), ('off', null), ('off', ' ')) as logs (shift, line)`;

describe('functions', () => {
  test('give their results, with their options as they are kept', async () => {
    const alice = await queue.session('alice');
    await using _ = await answering(queue, inBrackets);
    expect(await alice.value(`select steadytext_summarize_text('a text')`)).toBe('[a text]');
    expect(await alice.value(`select steadytext_extract_facts('a text', 3)`)).toEqual({ facts: ['a text'] });
    expect(
      await alice.value(
        `select steadytext_summarize_text('b', '{"max_tokens": 50, "source": "x", "seed": 1}', seed => 2)`,
      ),
    ).toBe('[b]');
    expect(await alice.rows(`select prompt, params from steadytext_requests order by id`)).toEqual([
      { prompt: 'a text', params: { seed: 42, max_tokens: 128, use_cache: true } },
      { prompt: 'a text', params: { seed: 42, max_facts: 3, use_cache: true } },
      { prompt: 'b', params: { seed: 2, max_tokens: 50, use_cache: true, metadata: { source: 'x' } } },
    ]);
  });

  test('facts are compared as they came, and blank texts have none', async () => {
    const alice = await queue.session('alice');
    await using _ = await answering(queue, ({ prompt }) => ({ result: JSON.stringify([JSON.parse(prompt)[0]]) }));
    expect(await alice.value(`select steadytext_deduplicate_facts('["a", {"text": "b"}]', 0.8)`)).toEqual(['a']);
    expect(await alice.value(`select params -> 'similarity_threshold' from steadytext_requests`)).toBe(0.8);
    for (const blank of ['null', `''`, `E' \\n'`])
      expect(await alice.value(`select steadytext_extract_facts(${blank})`)).toEqual({ facts: [] });
  });

  test('a result that is known comes without a worker, also under the cached names', async () => {
    const alice = await queue.session('alice');
    const calls = [
      `steadytext_summarize_text('known')`,
      `steadytext_extract_facts('known')`,
      `steadytext_generate_cached('known', 20, 3)`,
      `steadytext_embed_cached('known')`,
    ];
    const first: unknown[] = [];
    {
      await using _ = await answering(queue, (request) =>
        request.request_type === 'generate' ? { result: 'told' } : inBrackets(request),
      );
      for (const call of calls) first.push(await alice.value(`select ${call}`));
    }
    const again: unknown[] = [];
    for (const call of calls) again.push(await alice.value(`select ${call}`));
    expect(again).toEqual(first);
    expect(await alice.value(`select steadytext_generate('known', 20, seed => 3)`)).toBe('told');
  });

  test('enqueued, they wait as others do: by key once, and many as one insert', async () => {
    const alice = await queue.session('alice');
    const worker = await queue.worker();
    const once = `select steadytext_summarize_async('a', idempotency_key => 'k', metadata => '{"about": "b"}')`;
    const id = await alice.value(once);
    expect(await alice.value(once)).toBe(id);
    const many = (await alice.value(`select steadytext_summarize_batch_async('{b,c}', 30)`)) as string[];
    const facts = await alice.value(`select steadytext_extract_facts_async('a', priority => 9)`);
    const fewer = await alice.value(`select steadytext_deduplicate_facts_async('["a"]')`);
    const claimed = await worker.claim({ summarize: 9, extract_facts: 9, deduplicate_facts: 9 });
    expect(claimed.map(({ request_id }) => request_id).sort()).toEqual([id, ...many, facts, fewer].sort());
    await worker.settle(claimed, { result: '["x"]' });
    expect(await alice.value('select steadytext_get_async_result($1)', [many[1]])).toBe('["x"]');
    expect(await alice.value('select steadytext_get_async_result_json($1)', [fewer])).toEqual(['x']);
    expect(await alice.rows(`select request_type, count(*)::int from steadytext_usage group by 1 order by 1`)).toEqual([
      { request_type: 'deduplicate_facts', count: 1 },
      { request_type: 'extract_facts', count: 1 },
      { request_type: 'summarize', count: 3 },
    ]);
  });

  test('a summary costs what its levels read and write, and a long one is a large request', async () => {
    const alice = await queue.session('alice');
    const worker = await queue.worker();
    await alice.rows(
      `select steadytext_summarize_async(repeat('word ', 800), 100), steadytext_summarize_async(repeat('word ', 80))`,
    );
    expect(await alice.rows('select cost_estimate from steadytext_requests order by id')).toEqual([
      { cost_estimate: 1725 },
      { cost_estimate: 291 },
    ]);
    const small = await worker.claim({ summarize: 9 }, { largest: 768, largeLimit: 0 });
    expect(small.map(({ input_tokens }) => input_tokens)).toEqual([163]);
  });

  test('statement_timeout ends a call and cancels the request', async () => {
    const alice = await queue.session('alice');
    await alice.rows(`set statement_timeout = '200ms'`);
    expect(await refusal(alice, `select steadytext_summarize('x', '{"on_error": "null"}')`)).toMatchObject({
      code: '57014',
    });
    await alice.rows('reset statement_timeout');
    await waitFor(
      async () => (await alice.value('select status from steadytext_requests')) === 'cancelled',
      'the cancel',
    );
  });

  test('secure_generate validates whether or not that is on, as its caller', async () => {
    const alice = await queue.session('alice');
    await using _ = await answering(queue);
    expect(await alice.value(`select secure_generate('hello')`)).toBe('HELLO');
    expect(await alice.value(`select params -> 'max_tokens' from steadytext_requests`)).toBe(512);
    expect(await refusal(alice, `select secure_generate('drop table x')`)).toMatchObject({
      message: 'Potentially malicious prompt detected',
    });
    expect(await refusal(alice, `select secure_generate('x', 5000)`)).toMatchObject({
      message: 'Token limit too high: 5000',
    });
    expect(await refusal(alice, `select secure_generate(null)`)).toMatchObject({ message: 'Prompt cannot be null' });
  });
});

describe('aggregates', () => {
  test('summarise groups, pass over nulls, and give null of none', async () => {
    const alice = await queue.session('alice');
    await using _ = await answering(queue, inBrackets);
    const rows = (aggregate: string) =>
      alice.rows(`select shift, ${aggregate} as s from ${shift} group by shift order by shift`);
    const expected = [
      { shift: 'day', s: '[one | two]' },
      { shift: 'night', s: '[three]' },
      { shift: 'off', s: null },
    ];
    for (const aggregate of [
      'steadytext_summarize(line)',
      `steadytext_summarize(line, '{"a": 1}')`,
      'steadytext_summarize(line, null)',
      'ai_summarize(line)',
    ])
      expect(await rows(aggregate)).toEqual(expected);
    expect(await alice.value(`select ai_summarize(line) from ${shift} where false`)).toBeNull();
    const value = `steadytext_summarize(line order by line desc) filter (where shift <> 'night')`;
    expect(await alice.value(`select ${value} from ${shift}`)).toBe('[two | one]');
    expect(
      await alice.rows(`select steadytext_summarize(line) over (order by line) as s from ${shift} where line ~ 'o'`),
    ).toEqual([{ s: '[one]' }, { s: '[one | two]' }]);
  });

  test('tell the metadata of their rows, of a key the first', async () => {
    const alice = await queue.session('alice');
    await using _ = await answering(queue, inBrackets);
    await alice.rows(`select steadytext_summarize(line, jsonb_build_object('shift', shift, 'max_tokens', 60, line, 1) order by line)
                      from ${shift} where line ~ '^t'`);
    expect(await alice.value('select params from steadytext_requests')).toEqual({
      ...{ seed: 42, use_cache: true, max_tokens: 60 },
      metadata: { shift: 'night', three: 1, two: 1 },
    });
  });

  test('keep partial summaries, and make one of them', async () => {
    const alice = await queue.session('alice');
    await using _ = await answering(queue, inBrackets);
    await alice.rows(`create temp table hours as select shift, steadytext_summarize_partial(line, '{"plant": 7}') as state
                      from ${shift} group by shift`);
    expect(await alice.rows('select * from hours order by shift')).toEqual([
      { shift: 'day', state: { rows: 2, summary: '[one | two]', metadata: { plant: 7 } } },
      { shift: 'night', state: { rows: 1, summary: '[three]', metadata: { plant: 7 } } },
      { shift: 'off', state: null },
    ]);
    const final = (where = 'true') =>
      alice.value(`select steadytext_summarize_final(state order by shift) from hours where ${where}`);
    expect(await final()).toBe('[[one | two] | [three]]');
    expect(await final(`shift = 'night'`)).toBe('[three]');
    expect(await final(`shift = 'off'`)).toBeNull();
    expect(
      await alice.value(`select count(*) from steadytext_requests where params -> 'metadata' <> '{"plant": 7}'`),
    ).toBe('0');
  });

  test('hold a portion a level, however many rows there are, and lose none', async () => {
    const superuser = await queue.superuser();
    await superuser.rows(`update steadytext_settings set value = '300' where name = 'max_input_length'`);
    const summed: string[] = [];
    await using _ = await answering(queue, ({ prompt }) => {
      summed.push(prompt);
      return {
        result: prompt
          .match(/\d+/g)!
          .reduce((sum, number) => sum + Number(number), 0)
          .toFixed(),
      };
    });
    try {
      await superuser.rows(
        `create aggregate pg_temp.state_of(text) (sfunc = steadytext_private.summary_with_text, stype = jsonb)`,
      );
      const sizes: number[] = [];
      for (const rows of [50, 500, 3000]) {
        const text = `select %s(n || ' ' || repeat('x', 30)) from generate_series(1, ${rows}) n`;
        sizes.push(
          Number(await superuser.value(`select octet_length((${text.replace('%s', 'pg_temp.state_of')})::text)`)),
        );
        expect(await superuser.value(text.replace('%s', 'steadytext_summarize'))).toBe(
          ((rows * (rows + 1)) / 2).toFixed(),
        );
      }
      expect(Math.max(...sizes)).toBeLessThan(1000);
      expect(Math.max(...summed.map(({ length }) => length))).toBeLessThanOrEqual(300);
      // A row that alone is longer is refused as a text of that length is everywhere.
      expect(await refusal(superuser, `select steadytext_summarize(repeat('x', 301))`)).toMatchObject({
        code: 'ST009',
      });
    } finally {
      await superuser.rows(`update steadytext_settings set value = default_value where name = 'max_input_length'`);
    }
  });

  test('fail as a whole: raised, or null in whatever is made of it', async () => {
    const alice = await queue.session('alice');
    await using _ = await answering(queue, () => ({ outcome: 'failed', error: 'InvalidInput: no' }));
    expect(await refusal(alice, `select ai_summarize(line) from ${shift}`)).toMatchObject({
      message: 'Request failed: InvalidInput: no',
    });
    const quiet = `'{"on_error": "null"}'`;
    expect(await alice.value(`select steadytext_summarize(line, ${quiet}) from ${shift}`)).toBeNull();
    const partial = `select steadytext_summarize_partial(line, ${quiet}) as state from ${shift} where line is not null`;
    expect(await alice.value(partial)).toEqual({ rows: 3, summary: null, metadata: { on_error: 'null' } });
    expect(await alice.value(`select steadytext_summarize_final(state) from (${partial}) p`)).toBeNull();
    const long = `select steadytext_summarize(repeat('x', 9000), ${quiet}) from generate_series(1, 5)`;
    expect(await alice.value(long)).toBeNull();
  });

  test('work in triggers and prepared statements', async () => {
    const alice = await queue.session('alice');
    await using _ = await answering(queue, inBrackets);
    await alice.rows(`create temp table days (lines text[], summary text)`);
    await alice.rows(`create function pg_temp.sum_up() returns trigger language plpgsql as
      'begin new.summary := (select steadytext.steadytext_summarize(l) from unnest(new.lines) l); return new; end'`);
    await alice.rows(`create trigger sum_up before insert on days for each row execute function pg_temp.sum_up()`);
    expect(await alice.value(`insert into days values ('{a,b}') returning summary`)).toBe('[a | b]');
    await alice.rows(`prepare sum_up (text[]) as select ai_summarize(l) as s from unnest($1) l`);
    for (let i = 0; i < 7; i++) expect(await alice.rows(`execute sum_up('{p,q${i}}')`)).toEqual([{ s: `[p | q${i}]` }]);
  });
});
