// The engine for models of the hub, in its own process, over transformers.js: answers, and what happens when things end.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../workers/inference/engine.ts';
import { createHubEngine } from '../../../workers/inference/hub/hub-engine.ts';
import { startHubEngineProcess } from '../../../workers/inference/hub/hub-process.ts';
import { openHubModels } from '../../../workers/inference/hub/open-hub-models.ts';
import { createLocalEngine } from '../../../workers/inference/local-engine.ts';
import type { EngineProcess } from '../../../workers/inference/process/engine-process.ts';
import { tinyOnnxBert } from '../convert/tiny-onnx-bert.ts';
import { tinyCrossEncoder, tinyEncoder } from '../engine/tiny-encoders.ts';
import { makeTinyModels } from '../engine/tiny-models.ts';
import { CLOSED, tempFolder } from '../store/support.ts';
import {
  DECODER_TOKENS,
  folderOf,
  inFolder,
  said,
  type TinyDecoderOptions,
  tinyDecoder,
  tinyEncoderFiles,
} from './tiny-hub.ts';

const tiny = await makeTinyModels();
const local = createLocalEngine();
let engine: EngineProcess;
beforeAll(() => {
  engine = startHubEngineProcess();
});
afterAll(async () => {
  await Promise.all([engine.close(), local.close()]);
  await tiny.remove();
});

let made = 0;

async function load(
  kind: 'text' | 'embedding' | 'reranking',
  files: Parameters<typeof folderOf>[0],
  { into = engine, ...more }: { into?: Engine; pooling?: 'cls' } = {},
) {
  const model = inFolder(`hub/tiny-${made++}`, kind, await folderOf(files), more);
  const [folder] = await openHubModels([model], { cacheDir: await tempFolder(), hfEndpoint: CLOSED });
  return into.load(folder!);
}

const furthest = (a: Float32Array, b: Float32Array) =>
  a.length === b.length ? Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) : Number.POSITIVE_INFINITY;

const TEXTS = ['an inn', 'the ring and the inn', 'q', 'abcdefghijkl mnopqrstu vwxyz0123456789 zyx'];

describe('an encoder gives what our own engine gives for the same graph', () => {
  test.for([
    ['pooled by the mean', {}, {}],
    [
      'with a prompt and weights beside it',
      { prompts: { prompts: { query: 'ask ' }, default_prompt_name: 'query' } },
      { location: 'model.onnx_data' },
    ],
    ['by the first token', { pooling: { pooling_mode_cls_token: true } }, {}],
    ['by itself', {}, { output: 'sentence_embedding' }],
  ] as const)('%s', async ([, options, graph]) => {
    const encoder = tinyEncoder(21, options);
    const { graph: weights, data } = tinyOnnxBert(encoder.model, graph);
    const sources = { ...encoder.sources, weights, ...('location' in graph && { weights_data: data }) };
    const own = await local.load(await tiny.of(`own-${made}`, 'embedding', 'own', sources));
    const model = await load('embedding', tinyEncoderFiles(encoder, graph));
    expect(model).toMatchObject({
      format: 'own',
      deterministic: false,
      dimension: 64,
      maxTokens: 24,
      tokenBytes: null,
    });
    for (const longTexts of ['truncate', 'average', 'refuse'] as const) {
      const [ours, theirs] = [
        await local.embed({ model: own.name, texts: TEXTS, longTexts }),
        await engine.embed({ model: model.name, texts: TEXTS, longTexts }),
      ];
      for (const [i, vector] of ours.vectors.entries()) expect(furthest(vector, theirs.vectors[i]!)).toBeLessThan(1e-5);
      expect({ ...theirs, vectors: [] }).toEqual({ ...ours, vectors: [] });
    }
  });

  test('and pools as its configuration says', async () => {
    const encoder = tinyEncoder(21);
    const [mean, cls] = [
      await load('embedding', tinyEncoderFiles(encoder)),
      await load('embedding', tinyEncoderFiles(encoder), { pooling: 'cls' }),
    ];
    const vectors = await Promise.all([mean, cls].map(({ name }) => engine.embed({ model: name, texts: ['an inn'] })));
    expect(furthest(vectors[0]!.vectors[0]!, vectors[1]!.vectors[0]!)).toBeGreaterThan(0.01);
  });

  test('and a cross-encoder ranks as there', async () => {
    const encoder = tinyCrossEncoder(13);
    const { graph: weights } = tinyOnnxBert(encoder.model, { output: 'logits' });
    const sources = { ...encoder.sources, weights };
    const own = await local.load(await tiny.of(`own-${made}`, 'reranking', 'own', sources));
    const model = await load('reranking', tinyEncoderFiles(encoder, { output: 'logits' }));
    const asked = { query: 'the inn', documents: [...TEXTS, TEXTS.join(' ')] };
    const [ours, theirs] = [
      await local.rerank({ model: own.name, ...asked }),
      await engine.rerank({ model: model.name, ...asked }),
    ];
    for (const [i, score] of ours.scores.entries()) expect(theirs.scores[i]).toBeCloseTo(score, 5);
    expect({ ...theirs, scores: [] }).toEqual({ ...ours, scores: [] });
    expect(theirs.chunks).toBeGreaterThan(asked.documents.length);
  });
});

/** Tokens of a prompt, the template's two counted. */
const promptTokens = (prompt: string) => prompt.length + 2;
const decoder = (options: TinyDecoderOptions = {}) => load('text', tinyDecoder(options));
const PROMPT = 'an inn';
const asking = (model: string, more: object = {}) => ({
  ...{ id: `g${made++}`, model, prompt: PROMPT, maxTokens: 40, stop: [], temperature: 0, seed: 42 },
  ...more,
});

describe('a decoder', () => {
  test('answers by its template, in pieces, to its last token', async () => {
    const { name } = await decoder();
    const pieces: string[] = [];
    const begun: boolean[] = [];
    const output = await engine.generate(
      asking(name),
      (piece) => pieces.push(piece),
      (its) => begun.push(its),
    );
    const text = said(promptTokens(PROMPT), 40);
    expect(output).toEqual({ text, tokensIn: promptTokens(PROMPT), tokensOut: 40, finish: 'length' });
    expect(pieces.join('')).toBe(text);
    expect(pieces.length).toBeGreaterThan(3);
    expect(begun).toEqual([true]);
  });

  test('ends its turn, at a stop text, and where it has no more room', async () => {
    const start = promptTokens(PROMPT);
    const { name } = await decoder({ endAt: start + 9 });
    const ended = { text: said(start, 10), tokensIn: start, tokensOut: 10, finish: 'end' };
    expect(await engine.generate(asking(name))).toEqual(ended);
    const stopped = await engine.generate(asking((await decoder()).name, { stop: ['st', 'zz'], maxTokens: 200 }));
    expect(stopped).toMatchObject({ text: said(start, 26).split('st')[0], finish: 'stop' });
    // A word late at most.
    expect(stopped.tokensOut).toBeLessThan(30);
    const long = { prompt: 'a'.repeat(DECODER_TOKENS - 6) };
    expect(await engine.generate(asking(name, long))).toMatchObject({ tokensOut: 4, finish: 'length' });
    await expect(engine.generate(asking(name, { prompt: 'a'.repeat(DECODER_TOKENS) }))).rejects.toMatchObject({
      ...{ name: 'InvalidInput', message: expect.stringContaining(`1 to ${DECODER_TOKENS - 1} prompt tokens`) },
    });
  });

  test('draws by the seed, and takes special tokens of a user as text', async () => {
    const { name } = await decoder({ sureness: 1 });
    const draw = async (seed: number) => (await engine.generate(asking(name, { temperature: 1, seed }))).text;
    const first = await draw(1);
    expect(await draw(1)).toBe(first);
    expect(await draw(2)).not.toBe(first);
    const { tokensIn } = await engine.generate(asking(name, { prompt: 'a<end>', maxTokens: 1 }));
    expect(tokensIn).toBeGreaterThan(promptTokens('a') + 1);
  });

  test('divides a text by its own tokenizer', async () => {
    const { name } = await decoder();
    const text = 'abc def. '.repeat(30);
    const { parts } = await engine.divide({ model: name, text, most: 20 });
    expect(parts.join('')).toBe(text);
    expect(parts.length).toBeGreaterThan(1);
  });

  test('is cancelled between two tokens and before it begins; the next one goes on', async () => {
    const { name } = await decoder();
    const long = asking(name, { maxTokens: 490 });
    const [waits, next] = [asking(name), asking(name, { maxTokens: 5 })];
    const running = engine.generate(long, () => engine.cancel(long.id));
    const waiting = engine.generate(waits);
    const after = engine.generate(next);
    engine.cancel(waits.id);
    expect(await waiting).toMatchObject({ finish: 'cancelled', tokensOut: 0 });
    const { finish, tokensOut } = await running;
    expect(finish).toBe('cancelled');
    expect(tokensOut).toBeLessThan(490);
    expect((await after).finish).toBe('length');
  });

  test('is interrupted when its engine is closed', async () => {
    const own = createHubEngine();
    const { name } = await load('text', tinyDecoder(), { into: own });
    const closed = Promise.withResolvers<void>();
    const running = own.generate(asking(name, { maxTokens: 490 }), () => closed.resolve(own.close()));
    expect((await running).finish).toBe('cancelled');
    await closed.promise;
  });

  test('answers while it generates, and counts its tokens as turns', async () => {
    const { name } = await decoder();
    const begun = Promise.withResolvers<void>();
    const running = engine.generate(asking(name, { maxTokens: 490 }), () => begun.resolve());
    await begun.promise;
    const before = await engine.describe();
    expect(before).toMatchObject({ runningGenerations: 1, engineVersion: 'transformers.js 4.3.1', pid: engine.pid });
    await running;
    expect((await engine.describe()).turnsTaken).toBeGreaterThan(before.turnsTaken + 10);
  });

  test.for([
    ['min_tokens 3', { minTokens: 3 }],
    ['top_p 0.5', { topP: 0.5 }],
    ['a constraint', { constraint: { kind: 'choices', choices: ['a'] } }],
  ] as const)('refuses %s', async ([what, more]) => {
    const { name } = await decoder();
    await expect(engine.generate(asking(name, more))).rejects.toMatchObject({
      ...{ name: 'InvalidInput', message: expect.stringContaining(what) },
    });
  });

  test('of which no numbers come fails that generation alone', async () => {
    const { name } = await decoder({ brokenAt: promptTokens(PROMPT) + 3 });
    await expect(engine.generate(asking(name))).rejects.toMatchObject({ name: 'NotFinite' });
    expect(await engine.generate(asking(name, { maxTokens: 3 }))).toMatchObject({ finish: 'length' });
  });
});

describe('an engine process for the hub', () => {
  test('that is killed rejects what ran, and one that is closed ends in the middle of it', async () => {
    for (const end of ['kill', 'close'] as const) {
      const own = startHubEngineProcess();
      const { name } = await load('text', tinyDecoder(), { into: own });
      const begun = Promise.withResolvers<void>();
      const running = own.generate(asking(name, { maxTokens: 490 }), () => begun.resolve());
      running.catch(() => undefined);
      await begun.promise;
      if (end === 'kill') process.kill(own.pid, 'SIGKILL');
      else await own.close();
      await expect(running).rejects.toMatchObject({ name: 'EngineDied' });
      expect((await own.exited).signal).toBe(end === 'kill' ? 'SIGKILL' : null);
    }
  });

  test.for([
    [
      'another kind',
      'text',
      () => tinyEncoderFiles(tinyEncoder(21)),
      'ModelUnsupported',
      /transformers\.js can run as text-generation: /,
    ],
    [
      'weights in a file above',
      'embedding',
      () => tinyEncoderFiles(tinyEncoder(21), { location: '../weights' }),
      'ModelCorrupt',
      /got "\.\.\/weights"$/,
    ],
    [
      'weights in memory',
      'embedding',
      () => tinyEncoderFiles(tinyEncoder(21), { location: '*/_ORT_MEM_ADDR_/*' }),
      'ModelCorrupt',
      /got "\*\/_ORT_MEM_ADDR_\/\*"$/,
    ],
    ['operators of others', 'embedding', otherOperators, 'ModelUnsupported', /Guess/],
  ] as const)('loads nothing of %s', async ([, kind, files, name, message]) => {
    await expect(load(kind, files())).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  });
});

function otherOperators() {
  return tinyEncoderFiles(tinyEncoder(21), {
    libraries: ['somebody.else'],
    change: (writer) => writer.node('Guess', ['input_ids'], { domain: 'somebody.else', outputs: ['guessed'] }),
  });
}
