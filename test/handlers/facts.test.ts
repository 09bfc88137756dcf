// Facts: sentences that say most of a text, and which of them say the same.
import { describe, expect, test } from 'vitest';
import { candidateSentences, centralOnes } from '../../workers/handlers/choose-facts.ts';
import { deduplicateFactsHandler } from '../../workers/handlers/deduplicate-facts.ts';
import { extractFactsHandler } from '../../workers/handlers/extract-facts.ts';
import type { Ending, Handler } from '../../workers/handlers/handler.ts';
import type { EmbedInput } from '../../workers/inference/engine.ts';
import { echoEngine } from '../fleet/support/echo-engine.ts';
import { ECHO_EMBEDDING_MODEL } from '../fleet/support/echo-models.ts';
import { claimed } from '../fleet/support/parts.ts';

/** A direction in a plane. */
const at = (degrees: number) =>
  Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));

/** Texts end with the direction of their vector. */
async function run<Input>(handler: Handler<Input>, prompt: string, params: Record<string, unknown>, cancels = false) {
  const engine = echoEngine();
  const model = await engine.load(ECHO_EMBEDDING_MODEL);
  const embedded: string[] = [];
  const pointing = {
    ...engine,
    async embed(input: EmbedInput) {
      embedded.push(...input.texts);
      const output = await engine.embed(input);
      const vectors = input.texts.map((text) => at(Number(/(-?\d+)\D*$/.exec(text)?.[1] ?? Number.NaN)));
      return { ...output, vectors, cancelled: input.texts.map(() => cancels) };
    },
  };
  let ending: Ending | undefined;
  const attempt = { id: '1', input: handler.parse(claimed({ prompt, params })) };
  await handler.run(
    [attempt],
    { engine: pointing, model, origin: {} },
    (_, its) => {
      ending = its;
    },
    () => {},
  );
  return { ending, embedded, result: ending?.result === undefined ? undefined : JSON.parse(ending.result) };
}

describe('candidates', () => {
  test.each([
    [
      '- A first fact of it.\n2) Another fact, 3.5 of them.\n\nShort. Is this one a fact?',
      ['A first fact of it.', 'Another fact, 3.5 of them.'],
    ],
    ['The same one again. The same one again.', ['The same one again.']],
    ['A line that was\n  broken by somebody.', ['A line that was broken by somebody.']],
    ['Short. Why?', ['Short.', 'Why?']],
  ])('%j', (text, expected) => {
    expect(candidateSentences(text)).toEqual(expected);
  });
});

describe('extract_facts', () => {
  const text = 'Sentence number 10. Sentence number 80. Sentence number 12.';

  test('takes those near to the whole and far from each other, in the order of the text', async () => {
    expect(centralOnes([at(10), at(80), at(12)], 1)).toEqual([2]);
    const { result, ending } = await run(extractFactsHandler, text, { max_facts: 2 });
    expect(result).toEqual({ facts: ['Sentence number 80.', 'Sentence number 12.'] });
    expect(ending!.receipt).toMatchObject({ parameters: { max_facts: 2 }, tokens_in: expect.any(Number) });
  });

  test('gives all where there are no more, and asks no model', async () => {
    const { result, embedded } = await run(extractFactsHandler, text, {});
    expect([result.facts.length, embedded]).toEqual([3, []]);
  });

  test('leaves what was cancelled unsettled, and fails where there are no numbers', async () => {
    expect((await run(extractFactsHandler, text, { max_facts: 1 }, true)).ending).toBeUndefined();
    await expect(run(extractFactsHandler, 'No number here. Nor here, is it.', { max_facts: 1 })).rejects.toThrow(
      /NaN or an infinity/,
    );
  });
});

describe('deduplicate_facts', () => {
  const deduplicate = (facts: unknown, params: Record<string, unknown> = {}) =>
    run(deduplicateFactsHandler, typeof facts === 'string' ? facts : JSON.stringify(facts), params);

  test('keeps the first of those that say the same, as it came', async () => {
    const { result } = await deduplicate([
      'a 0',
      { text: 'b 10', id: 1 },
      { text: 'c 60', more: [null] },
      'd 61',
      'e 0',
    ]);
    expect(result).toEqual(['a 0', { text: 'c 60', more: [null] }]);
  });

  test('compares with all that are kept, by the threshold', async () => {
    expect((await deduplicate(['a 0', 'b 40', 'c 80'], { similarity_threshold: 0.7 })).result).toEqual(['a 0', 'c 80']);
    expect((await deduplicate(['a 0', 'b 1'], { similarity_threshold: 1 })).result).toEqual(['a 0', 'b 1']);
  });

  test('equal texts are one at any threshold', async () => {
    expect((await deduplicate(['a 5', 'a 5'], { similarity_threshold: 1 })).result).toEqual(['a 5']);
  });

  test('one fact, and none, need no model', async () => {
    expect(await deduplicate(['a 0'])).toMatchObject({ result: ['a 0'], embedded: [] });
    expect(await deduplicate([])).toMatchObject({ result: [], embedded: [] });
  });

  test('numbers keep all their digits', async () => {
    const facts = '[{"text":"a 0","id":12345678901234567890.10},{"text":"b 90","id":1e400}]';
    expect((await deduplicate(facts)).ending!.result).toBe(facts);
  });

  test.each(['no json', '{"text": "a"}', '[1]', '[{"fact": "a"}]', '["a", null]'])('refuses %s', (prompt) => {
    expect(() => deduplicateFactsHandler.parse(claimed({ prompt }))).toThrow(/expected a JSON array of texts/);
  });
});
