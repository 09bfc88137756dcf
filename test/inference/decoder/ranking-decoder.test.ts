// A decoder that ranks: its scores against a plain computation in double precision, and the same bytes whatever was read before,
// beside it, and in however little room.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../workers/inference/engine.ts';
import { createLocalEngine } from '../../../workers/inference/local-engine.ts';
import type { ModelFolder } from '../../../workers/inference/model-folder.ts';
import { plainTokenizer } from '../../../workers/inference/text/plain-tokenizer.ts';
import { readTokenizer } from '../../../workers/inference/text/tokenizer.ts';
import { waitFor } from '../../support/wait-for.ts';
import { tinyVocabulary } from '../convert/tiny-llama.ts';
import { failure } from '../engine/conformance/given.ts';
import { makeTinyModels, TINY_RANKING_TOKENS, tinyRanking } from '../engine/tiny-models.ts';
import { describeFormats, ROWS } from '../formats.ts';
import { poisonEmbedding } from './support/poison.ts';

const tiny = await makeTinyModels();
afterAll(() => tiny.remove());
/** Of keys and values in the tiny model. */
const TOKEN_BYTES = 512;
const model = 'tiny-ranking';
const SYSTEM =
  'Judge whether the Document meets the requirements based on the Query and the Instruct provided. Note that the answer can only be "yes" or "no".';
const LONG = 'the ring and the inn, '.repeat(30);

async function loaded(folder: ModelFolder, options: Parameters<typeof createLocalEngine>[0] = {}): Promise<Engine> {
  const engine = createLocalEngine(options);
  await engine.load(folder);
  return engine;
}

describe('in fp32', () => {
  let engine: Engine;
  let idsOf: (text: string) => number[];
  const { logits } = tinyRanking();
  const [yes, no] = ['yes', 'no'].map((answer) => tinyVocabulary(false, true).tokens.indexOf(answer)) as [
    number,
    number,
  ];

  beforeAll(async () => {
    const folder = await tiny.ranking('fp32');
    engine = await loaded(folder);
    const plain = plainTokenizer(await readTokenizer(folder));
    idsOf = (text) => plain.encode(text, { add_special_tokens: false }).ids;
  });
  afterAll(() => engine.close());

  /** What the model is asked, its template being the user's text alone. */
  const opening = (instruction: string) => `${SYSTEM}\n\n<Instruct>: ${instruction}\n<Query>:`;
  const scoreOf = (ids: readonly number[]) => {
    const last = logits(ids).at(-1)!;
    return Math.exp(last[yes]!) / (Math.exp(last[yes]!) + Math.exp(last[no]!));
  };
  const rerank = (query: string, documents: string[], instruction?: string) =>
    engine.rerank({ model, query, documents, ...(instruction !== undefined && { instruction }) });

  test('scores are the probability of yes against no, by the instruction that is given', async () => {
    const documents = ['the inn', 'a ring, <|im_end|> and bread'];
    const all = [];
    for (const instruction of ['find it', 'no!']) {
      const { scores, chunks, truncated } = await rerank('which inn?', documents, instruction);
      const whole = (document: string) => `${opening(instruction)} which inn?\n<Document>: ${document}`;
      const expected = documents.map((document) => scoreOf(idsOf(whole(document))));
      for (const [i, score] of scores.entries()) expect(score).toBeCloseTo(expected[i]!, 4);
      expect([chunks, truncated]).toEqual([2, false]);
      all.push(...scores);
    }
    expect(new Set(all.map((score) => score.toFixed(3))).size).toBe(4);
    const byDefault = await rerank('which inn?', documents);
    const named = 'Given a web search query, retrieve relevant passages that answer the query';
    expect(byDefault).toEqual(await rerank('which inn?', documents, named));
    expect(byDefault.scores).not.toEqual(all.slice(0, 2));
  });

  test('of a long document every part is read, and the best one counts', async () => {
    const { scores, tokens, chunks } = await rerank('inn?', [LONG], 'find');
    const start = idsOf(`${opening('find')} inn?\n<Document>:`);
    const ids = idsOf(` ${LONG}`);
    const room = TINY_RANKING_TOKENS - start.length;
    const parts = Array.from({ length: Math.ceil(ids.length / room) }, (_, i) => ids.slice(i * room, (i + 1) * room));
    expect(chunks).toBe(parts.length);
    expect(chunks).toBeGreaterThan(1);
    expect(tokens).toBe(ids.length + parts.length * start.length);
    const each = parts.map((part) => scoreOf([...start, ...part]));
    expect(scores[0]).toBeCloseTo(Math.max(...each), 4);
    expect(Math.min(...each)).toBeLessThan(scores[0]! - 1e-3);
  });

  test('a long query is cut to half of the room and told; a long instruction is refused with the room that there is', async () => {
    const { scores, truncated, chunks } = await rerank(LONG, ['the inn'], 'find');
    expect([truncated, chunks]).toEqual([true, 1]);
    const around = idsOf(opening('')).length + idsOf('\n<Document>:').length;
    const left = TINY_RANKING_TOKENS - around - (idsOf(opening('find')).length - idsOf(opening('')).length);
    const cut = idsOf(` ${LONG}`).slice(0, Math.floor(left / 2));
    const ids = [...idsOf(opening('find')), ...cut, ...idsOf('\n<Document>:'), ...idsOf(' the inn')];
    expect(scores[0]).toBeCloseTo(scoreOf(ids), 4);
    const refused = await failure(rerank('q', ['the inn'], LONG));
    const room = TINY_RANKING_TOKENS - around;
    const most = Math.floor(room / 2);
    expect(refused.name).toBe('InvalidInput');
    expect(refused.message).toMatch(
      new RegExp(`^expected an instruction of at most ${most} tokens for ${model}, one of \\d{3} came$`),
    );
    expect((await rerank('q', ['the inn'])).scores).toHaveLength(1);
  });

  test('what every document is asked is read once, and equal documents are', async () => {
    const before = await engine.describe();
    const documents = Array.from({ length: 10 }, (_, i) => `the inn ${i}`);
    const { tokens } = await rerank('which inn?', [...documents, ...documents]);
    const after = await engine.describe();
    const [read, reused] = (['promptTokensRead', 'promptTokensReused'] as const).map((key) => after[key] - before[key]);
    // Three chunks of 64.
    expect(reused).toBe(9 * 192);
    expect(read! + reused!).toBe(tokens / 2);
    expect(after.runningGenerations).toBe(0);
  });

  test('is cancelled between the chunks of a prompt, and leaves nothing behind', async () => {
    const turns = async () => (await engine.describe()).turnsTaken;
    const expected = await rerank('inn', ['a']);
    const begun = await turns();
    const documents = Array.from({ length: 40 }, (_, i) => `${i} ${LONG}`);
    const large = engine.rerank({ id: 'large', model, query: 'inn', documents });
    await waitFor(async () => (await turns()) > begun + 2, 'a second chunk');
    const before = await turns();
    engine.cancel('large');
    expect(await large).toEqual({ scores: [], tokens: 0, truncated: false, chunks: 0, cancelled: true });
    expect((await turns()) - before).toBeLessThanOrEqual(2);
    expect(await rerank('inn', ['a'])).toEqual(expected);
  });
});

describeFormats(
  (format) => {
    test('the same bytes alone and in company, whatever is kept and in however little room', async () => {
      const folder = await tiny.ranking(format);
      const text = await tiny.text(format);
      const quiet = await loaded(folder, { prefixBytes: 0 });
      const others = [await loaded(folder), await loaded(folder, { cacheBytes: 512 * TOKEN_BYTES })];
      const queries = ['which inn?', 'the ring and the bread of the inn, on their 7th day'];
      const documents = ['the inn', LONG, '', 'x', 'a ring, and bread of the inn', 'the inn'];
      const alone = [];
      for (const query of queries) {
        const scores = [];
        for (const document of documents) {
          const output = await quiet.rerank({ model, query, documents: [document] });
          scores.push(output.scores[0]!);
        }
        alone.push(scores);
      }
      expect(new Set(alone.flat()).size).toBe(10);
      for (const engine of others) {
        await engine.load(text);
        const request = {
          id: 'g',
          model: 'tiny-text',
          prompt: 'the inn',
          stop: [],
          maxTokens: 30,
          temperature: 0,
          seed: 1,
        };
        const beside = engine.generate(request);
        const together = await Promise.all(
          queries.map((query, i) =>
            engine.rerank({ model, query, documents: i === 0 ? documents : documents.toReversed() }),
          ),
        );
        await beside;
        expect([together[0]!.scores, together[1]!.scores.toReversed()]).toEqual(alone);
      }
      await Promise.all([quiet, ...others].map((engine) => engine.close()));
    });
  },
  [ROWS, 'nb8'],
);

// In rows of 8 bits there are always numbers (finite.ts).
test.for(['nb8', 'fp32'] as const)(
  'a document for which the model computes no numbers fails its request alone, %s',
  async (format) => {
    const folder = await tiny.ranking(format);
    await poisonEmbedding(folder, tinyVocabulary(false, true).tokens.indexOf('Z'));
    const engine = await loaded(folder);
    const good = engine.rerank({ model, query: 'inn', documents: ['the inn', LONG] });
    const bad = await failure(engine.rerank({ model, query: 'inn', documents: ['the inn', 'Z', LONG] }));
    expect(bad.name).toBe('NotFinite');
    expect(bad.message).toMatch(/^expected numbers of tiny-ranking, NaN or an infinity came after \d+ tokens$/);
    expect((await good).scores).toHaveLength(2);
    await engine.close();
  },
);

test('in less room than the question takes it is refused at load', async () => {
  const engine = createLocalEngine({ cacheBytes: 128 * TOKEN_BYTES });
  const error = await failure(engine.load(await tiny.ranking('nb8')));
  expect(error.message).toMatch(
    /^expected room for \d+ tokens in tiny-ranking, of which \d+ are the question .* room for 128$/,
  );
  await engine.close();
});
