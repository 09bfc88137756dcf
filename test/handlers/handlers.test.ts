import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { embedHandler } from '../../workers/handlers/embed.ts';
import { generateHandler } from '../../workers/handlers/generate.ts';
import type { Ending, Handler } from '../../workers/handlers/handler.ts';
import { inputHash, originOf, outputHash, type Receipt } from '../../workers/handlers/receipt.ts';
import { ranked, rerankHandler } from '../../workers/handlers/rerank.ts';
import type { EmbedInput, Engine } from '../../workers/inference/engine.ts';
import type { DecoderShape } from '../../workers/inference/model-folder.ts';
import type { ClaimedRequest } from '../../workers/queue/types.ts';
import { echoEngine } from '../fleet/support/echo-engine.ts';
import { ECHO_EMBEDDING_MODEL, ECHO_TEXT_MODEL } from '../fleet/support/echo-models.ts';
import { claimed, generation } from '../fleet/support/parts.ts';

async function run<Input>(
  handler: Handler<Input>,
  requests: readonly ClaimedRequest[],
): Promise<(Ending | undefined)[]> {
  const engine = echoEngine();
  const model = await engine.load(handler.kinds.includes('text') ? ECHO_TEXT_MODEL : ECHO_EMBEDDING_MODEL);
  const origin = originOf(await engine.describe(), model);
  const attempts = requests.map((request) => ({ id: request.requestId, input: handler.parse(request) }));
  const endings = new Map<unknown, Ending>();
  const settle = (attempt: unknown, ending: Ending) => void endings.set(attempt, ending);
  const begun = new Set<unknown>();
  await handler.run(attempts, { engine, model, origin }, settle, (attempt) => begun.add(attempt));
  // Where it is counted what is begun, it is told of each.
  const { unbegun } = handler.capacity({ generateSlots: 4, embedBatch: 32, kvCacheMb: 90 }, model);
  expect(begun).toEqual(new Set(unbegun === undefined ? [] : attempts));
  return attempts.map((attempt) => endings.get(attempt));
}

describe('generate', () => {
  test('reads its params, with the documented defaults', () => {
    expect(generateHandler.parse(generation('hi'))).toEqual({
      prompt: 'hi',
      maxTokens: 512,
      stop: [],
      temperature: 0,
      seed: 42,
    });
    const params = { max_tokens: 7, seed: 1, use_cache: false, eos_string: 'END', temperature: 0.5 };
    expect(generateHandler.parse(generation('hi', { params }))).toEqual({
      prompt: 'hi',
      maxTokens: 7,
      stop: ['END'],
      temperature: 0.5,
      seed: 1,
    });
    expect(generateHandler.parse(generation('hi', { params: { eos_string: '[EOS]' } })).stop).toEqual([]);
    const more = { eos_string: 'END', stop: ['.', '\n'], top_k: 40, top_p: 0.9, min_tokens: 3 };
    expect(generateHandler.parse(generation('hi', { params: more }))).toMatchObject({
      ...{ stop: ['END', '.', '\n'], topK: 40, topP: 0.9, minTokens: 3 },
    });
  });

  test.each([
    [{ schema: { type: 'object' } }, { kind: 'json', schema: { type: 'object' } }],
    [{ schema: 'integer' }, { kind: 'json', schema: 'integer' }],
    [{ schema: false }, { kind: 'json', schema: false }],
    [{ pattern: 'a+' }, { kind: 'regex', pattern: 'a+' }],
    [{ choices: ['a', 'b'] }, { kind: 'choice', choices: ['a', 'b'] }],
  ])('reads the form %j', (params, constraint) => {
    expect(generateHandler.parse(generation('hi', { params }))).toMatchObject({ constraint });
  });

  test('tells of a form by its hash, however long it is', async () => {
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    for (const [params, told] of [
      [{ schema: { type: 'array' } }, { schema_sha256: sha256('{"type":"array"}') }],
      [{ pattern: 'a+' }, { pattern_sha256: sha256('"a+"') }],
      [{ choices: ['a', 'b'] }, { choices_sha256: sha256('["a","b"]') }],
    ] as const) {
      const [ending] = await run(generateHandler, [generation('hello', { params })]);
      expect(ending!.receipt!.parameters).toEqual({ max_tokens: 512, stop: [], temperature: 0, seed: 42, ...told });
    }
  });

  test.each([
    [{ max_tokens: 0 }, 'max_tokens: expected at least 1, got 0'],
    [{ max_tokens: 'many' }, 'max_tokens: expected a whole number, got a string'],
    [{ temperature: -1 }, 'temperature: expected at least 0, got -1'],
    [{ top_k: 0.5 }, 'top_k: expected a whole number, got 0.5'],
    [{ top_p: 0 }, 'top_p: expected more than 0, got 0'],
    [{ min_tokens: 8, max_tokens: 7 }, 'min_tokens: expected at most max_tokens (7), got 8'],
    [{ stop: 'END' }, 'stop: expected an array of texts, got a string'],
    [{ stop: [7] }, 'stop.0: expected a text, got 7'],
    [{ pattern: 7 }, 'pattern: expected a text, got 7'],
    [{ choices: ['a', null] }, 'choices.1: expected a text, got null'],
    [{ schema: {}, pattern: 'a' }, 'params: expected one of schema, pattern and choices, got more'],
  ])('refuses %j in one sentence', (params, message) => {
    expect(() => generateHandler.parse(generation('hi', { params }))).toThrow(message);
  });

  test.each([null, '', '  \n'])('refuses the prompt %j', (prompt) => {
    expect(() => generateHandler.parse(generation('x', { prompt }))).toThrow('expected a prompt');
  });

  test('gives text, tokens and why it ended', async () => {
    const [ending] = await run(generateHandler, [generation('hello', { params: { max_tokens: 3 } })]);
    expect(ending).toMatchObject({
      outcome: 'completed',
      result: 'hel',
      tokensIn: 5,
      tokensOut: 3,
      receipt: {
        finish: 'length',
        digest: 'a'.repeat(64),
        parameters: { max_tokens: 3, stop: [], temperature: 0, seed: 42 },
        input: inputHash(['hello']),
        output: outputHash('hel'),
        tokens_in: 5,
        tokens_out: 3,
      },
    });
  });
});

describe('embed', () => {
  test('gives each request its own vector, and says when a text was cut', async () => {
    const [short, long] = await run(embedHandler, [claimed({ prompt: 'ab' }), claimed({ prompt: 'x'.repeat(200) })]);
    expect(short!.embedding).toEqual(Float32Array.of(2, 1, 2 / 3, 0.5));
    expect(short!.receipt).not.toHaveProperty('truncated');
    expect(long!.receipt).toMatchObject({ truncated: true, digest: 'b'.repeat(64) });
  });
});

test('a text whose vector is of no numbers fails alone', async () => {
  const engine = echoEngine();
  const model = await engine.load(ECHO_EMBEDDING_MODEL);
  const overflowing: Engine = {
    ...engine,
    async embed(input) {
      const output = await engine.embed(input);
      return { ...output, vectors: output.vectors.map((vector, i) => (i === 1 ? vector.with(2, Number.NaN) : vector)) };
    },
  };
  const requests = ['ab', 'abc', 'abcd'].map((prompt) => claimed({ prompt }));
  const attempts = requests.map((request) => ({ id: request.requestId, input: embedHandler.parse(request) }));
  const endings: Ending[] = [];
  const settle = (attempt: (typeof attempts)[number], ending: Ending) => {
    endings[attempts.indexOf(attempt)] = ending;
  };
  const origin = originOf(await engine.describe(), model);
  await embedHandler.run(attempts, { engine: overflowing, model, origin }, settle, () => {});
  expect(endings.map(({ outcome }) => outcome)).toEqual(['completed', 'failed', 'completed']);
  expect(endings[1]!.error).toMatch(/^NotFinite: expected an embedding of numbers of \S+, NaN or an infinity came;/);
});

describe('embed with options', () => {
  const embed = (text: string, params: Record<string, unknown> = {}) => claimed({ prompt: text, params });
  const long = 'x'.repeat(250);

  test('takes requests of one batch each as it wants', async () => {
    const endings = await run(embedHandler, [
      embed('ab'),
      embed(long, { on_long_text: 'average' }),
      embed(long, { on_long_text: 'refuse' }),
      embed('abc', { on_long_text: 'refuse' }),
      embed('ab', { dimension: 2 }),
    ]);
    expect(endings.map((ending) => ending!.outcome)).toEqual([
      ...['completed', 'completed', 'failed', 'completed', 'completed'],
    ]);
    expect(endings[1]!.receipt).toMatchObject({ chunks: 3 });
    expect(endings[1]!.receipt).not.toHaveProperty('truncated');
    expect(endings[2]!.error).toMatch(/^InputTooLong: expected a text of at most 256 tokens for \S+, one of 250 came;/);
    expect(endings[3]!.receipt).not.toHaveProperty('chunks');
    expect(endings[4]!.embedding).toEqual(Float32Array.of(2, 1));
  });

  test('throws what one of its calls failed with when the others are settled', async () => {
    const engine = echoEngine({ onText: () => new Promise((resolve) => setImmediate(resolve)) });
    const model = await engine.load(ECHO_EMBEDDING_MODEL);
    const failing = {
      ...engine,
      embed: (input: EmbedInput) => (input.dimension ? Promise.reject(new Error('no')) : engine.embed(input)),
    };
    const attempts = [embed('a', { dimension: 3 }), embed('ab')].map((request, i) => ({
      id: `${i}`,
      input: embedHandler.parse(request),
    }));
    const settled: string[] = [];
    const host = { engine: failing, model, origin: {} };
    const running = embedHandler.run(
      attempts,
      host,
      ({ id }) => settled.push(id),
      () => undefined,
    );
    await expect(running).rejects.toThrow('no');
    expect(settled).toEqual(['1']);
  });

  test.each([
    [{ on_long_text: 'cut' }, 'on_long_text: expected truncate, refuse or average, got a string'],
    [{ dimension: 0 }, 'dimension: expected at least 1, got 0'],
    [{ dimension: 'all' }, 'dimension: expected a whole number, got a string'],
  ])('refuses %j in one sentence', (params, message) => {
    expect(() => embedHandler.parse(embed('x', params))).toThrow(message);
  });
});

describe('rerank', () => {
  const rerank = (params: Record<string, unknown>) => claimed({ requestType: 'rerank', prompt: 'cat', params });

  test('gives the documents as JSON text, best first', async () => {
    const [ending] = await run(rerankHandler, [
      rerank({ documents: ['a dog', 'a cat'], task: 'find', return_scores: true }),
    ]);
    expect(ending!.result).toBe(
      '[{"index":1,"document":"a cat","score":1},{"index":0,"document":"a dog","score":0.5}]',
    );
  });

  test('says in how many parts long documents ran, and when the query was cut', async () => {
    const [parts, cut] = await run(rerankHandler, [
      rerank({ documents: ['a dog', 'x'.repeat(250)] }),
      claimed({ requestType: 'rerank', prompt: 'q'.repeat(120), params: { documents: ['a dog'] } }),
    ]);
    expect(parts!.receipt).toMatchObject({ chunks: 4 });
    expect(parts!.receipt).not.toHaveProperty('truncated');
    expect(cut!.receipt).toMatchObject({ truncated: true });
    expect(cut!.receipt).not.toHaveProperty('chunks');
  });

  test('hands its task to a model that takes one, and says so in the receipt of that model only', async () => {
    const shape = { ...ECHO_TEXT_MODEL.description.shape, reranks: { yes: 1, no: 2 } } as DecoderShape;
    const decoder = { ...ECHO_TEXT_MODEL, description: { ...ECHO_TEXT_MODEL.description, shape } };
    const receipts: (Receipt | undefined)[] = [];
    const given: (string | undefined)[] = [];
    for (const folder of [decoder, ECHO_EMBEDDING_MODEL]) {
      const engine = echoEngine();
      const model = await engine.load(folder);
      const host = {
        model,
        origin: {},
        engine: {
          ...engine,
          rerank(input) {
            given.push(input.instruction);
            return engine.rerank(input);
          },
        } satisfies Engine,
      };
      const input = rerankHandler.parse(rerank({ documents: ['a dog'], task: 'find', return_scores: false }));
      await rerankHandler.run(
        [{ id: 'a', input }],
        host,
        (_, ending) => receipts.push(ending.receipt),
        () => {},
      );
    }
    expect(given).toEqual(['find', undefined]);
    expect(receipts).toMatchObject([{ parameters: { return_scores: false, task: 'find' } }, { parameters: {} }]);
    expect(receipts[1]!.parameters).toEqual({ return_scores: false });
    expect(receipts[0]!.input).toBe(receipts[1]!.input);
  });

  test('has fewer places in a decoder, whose requests are large sooner', async () => {
    const config = { generateSlots: 4, embedBatch: 32, kvCacheMb: 90 };
    const engine = echoEngine();
    const [encoder, decoder] = [await engine.load(ECHO_EMBEDDING_MODEL), await engine.load(ECHO_TEXT_MODEL)];
    expect([encoder, decoder].map((model) => rerankHandler.capacity(config, model))).toEqual([
      { perEngine: 4, perCall: 1, large: { above: 2048, perEngine: 2 } },
      { perEngine: 2, perCall: 1, large: { above: 256, perEngine: 1 } },
    ]);
  });

  test('leaves the scores out when they were not asked for, and keeps ties in order', () => {
    expect(ranked(['a', 'b', 'c'], [0.5, 0.5, 0.5], false)).toEqual([
      { index: 0, document: 'a' },
      { index: 1, document: 'b' },
      { index: 2, document: 'c' },
    ]);
  });

  test.each([
    [{}, 'documents: expected an array of texts, got nothing'],
    [{ documents: [] }, 'documents: expected at least one document, got an array'],
    [{ documents: ['a', null] }, 'documents.1: expected a text, got null'],
  ])('refuses %j in one sentence', (params, message) => {
    expect(() => rerankHandler.parse(rerank(params))).toThrow(message);
  });
});
