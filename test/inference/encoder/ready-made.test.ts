// Graphs that came ready made, in an engine: their answers against a plain computation in double precision, and their bytes
// alone and in company.

import { afterAll, describe, expect, test } from 'vitest';
import { createLocalEngine } from '../../../workers/inference/local-engine.ts';
import type { ModelFolder, ReadyMadeEncoderShape } from '../../../workers/inference/model-folder.ts';
import { type TinyOnnxOptions, tinyOnnxBert } from '../convert/tiny-onnx-bert.ts';
import { checkEmbeddings, checkRerankings } from '../engine/determinism.ts';
import {
  lettersOf,
  SEP,
  TINY_PAIR_TOKENS,
  type TinyEncoderOptions,
  tinyCrossEncoder,
  tinyEncoder,
} from '../engine/tiny-encoders.ts';
import { makeTinyModels, type Sources } from '../engine/tiny-models.ts';
import { mixing } from './mixing.ts';
import { framed, mean, unit } from './plain-vectors.ts';

const tiny = await makeTinyModels();
const engine = createLocalEngine();
afterAll(async () => {
  await engine.close();
  await tiny.remove();
});

let made = 0;
const nextName = () => `ready-made-${made++}`;

function withGraph(sources: Sources, { graph, data }: ReturnType<typeof tinyOnnxBert>): Sources {
  return { ...sources, weights: graph, ...(data.length > 0 && { weights_data: data }) };
}

async function embedder(graph: TinyOnnxOptions, options: TinyEncoderOptions = {}) {
  const { sources, model } = tinyEncoder(21, options);
  const folder = await tiny.of(nextName(), 'embedding', 'own', withGraph(sources, tinyOnnxBert(model, graph)));
  return { folder, model, name: folder.description.name };
}

const furthest = (a: ArrayLike<number>, b: readonly number[]) =>
  a.length === b.length ? Math.max(...b.map((value, i) => Math.abs(value - a[i]!))) : Number.POSITIVE_INFINITY;

const TEXTS = ['an inn', 'the ring and the inn', 'q'];
const MODULES = ['Transformer', 'Pooling'].map((type) => ({ type: `sentence_transformers.models.${type}` }));
const CLS_POOLING = { pooling: { pooling_mode_cls_token: true } };
const LAST_POOLING = { pooling: { pooling_mode_lasttoken: true } };

describe('an embedding of a ready-made graph is that of the plain computation, from', () => {
  test.for([
    ['token vectors', { output: 'last_hidden_state' }, {}, mean],
    ['token vectors by their other name', { output: 'token_embeddings' }, CLS_POOLING, (rows: number[][]) => rows[0]!],
    ['token vectors, by the last', {}, LAST_POOLING, (rows: number[][]) => rows.at(-1)!],
    ['a graph that pools itself', { output: 'sentence_embedding' }, {}, mean],
    ['a graph without types', { types: false }, {}, mean],
    ['a graph without mask', { mask: false }, {}, mean],
    ['weights beside the graph', { location: 'model.onnx_data' }, {}, mean],
  ] as const)('%s', async ([, graph, options, pool]) => {
    for (const normalize of [true, false]) {
      const modules = normalize ? {} : { modules: MODULES };
      const { folder, model, name } = await embedder(graph as TinyOnnxOptions, { ...options, ...modules });
      await engine.load(folder);
      const { vectors } = await engine.embed({ model: name, texts: TEXTS });
      for (const [i, text] of TEXTS.entries()) {
        const plain = pool(model.states(framed(lettersOf(text))) as number[][]);
        expect(furthest(vectors[i]!, normalize ? unit(plain) : plain)).toBeLessThan(1e-4);
      }
    }
  });

  test('parts of a long text, each with the prompt', async () => {
    const prompts = { prompts: { query: 'ask ' }, default_prompt_name: 'query' };
    const { folder, model, name } = await embedder({}, { prompts });
    await engine.load(folder);
    const long = 'abcdefghijkl mnopqrstu vwxyz0123456789 zyx';
    const { vectors, chunks } = await engine.embed({ model: name, texts: [long], longTexts: 'average' });
    const ids = lettersOf(long);
    const parts = [ids.slice(0, 19), ids.slice(19, 38), ids.slice(38)];
    const pooled = parts.map((part) => mean(model.states(framed([...lettersOf('ask '), ...part]))));
    const weights = parts.map(({ length }) => length);
    expect(chunks).toEqual([3]);
    expect(furthest(vectors[0]!, unit(mean(pooled, weights)))).toBeLessThan(1e-4);
  });
});

test('a score of a ready-made cross-encoder is the sigmoid of the plain logit', async () => {
  const { sources, model } = tinyCrossEncoder(13);
  const graph = tinyOnnxBert(model, { output: 'logits' });
  const folder = await tiny.of(nextName(), 'reranking', 'own', withGraph(sources, graph));
  expect(folder.description.shape).toMatchObject({ architecture: 'onnx-cross-encoder', maxTokens: TINY_PAIR_TOKENS });
  const { name } = await engine.load(folder);
  const { scores } = await engine.rerank({ model: name, query: 'the inn', documents: TEXTS });
  for (const [i, text] of TEXTS.entries()) {
    const first = framed(lettersOf('the inn'));
    const logit = model.logit([...first, ...lettersOf(text), SEP], first.length);
    expect(scores[i]).toBeCloseTo(1 / (1 + Math.exp(-logit)), 4);
  }
});

test('a ready-made cross-encoder without types takes pairs as RoBERTa does', async () => {
  const { sources, model } = tinyCrossEncoder(13);
  const tokenizer = JSON.parse(String(sources.tokenizer));
  const [begin, end] = ['[CLS]', '[SEP]'].map((id) => ({ SpecialToken: { id, type_id: 0 } }));
  const text = (id: string) => ({ Sequence: { id, type_id: 0 } });
  tokenizer.post_processor.pair = [begin, text('A'), end, end, text('B'), end];
  const changed = { ...sources, tokenizer: Buffer.from(JSON.stringify(tokenizer)) };
  const graph = tinyOnnxBert(model, { output: 'logits', types: false });
  const folder = await tiny.of(nextName(), 'reranking', 'own', withGraph(changed, graph));
  const { name } = await engine.load(folder);
  const { scores } = await engine.rerank({ model: name, query: 'the inn', documents: ['a ring'] });
  const ids = [...framed(lettersOf('the inn')), SEP, ...lettersOf('a ring'), SEP];
  expect(scores[0]).toBeCloseTo(1 / (1 + Math.exp(-model.logit(ids, ids.length))), 4);
});

/** With another name, so that an engine may have both. */
function believed(folder: ModelFolder): ModelFolder {
  const { path, description } = mixing(folder);
  return { path, description: { ...description, name: nextName() } };
}

async function bytesAloneAndTogether(folder: ModelFolder, texts: readonly string[]) {
  const { name } = await engine.load(folder);
  const together = await engine.embed({ model: name, texts });
  const alone = [];
  for (const text of texts) alone.push((await engine.embed({ model: name, texts: [text] })).vectors[0]!);
  return { together: together.vectors, alone };
}

const WORDS = ['the', 'inn', 'ring', 'q', 'and', 'zyxw', 'ab'];
const RUNS = { runs: 40, mostTokens: 0, words: WORDS, longest: 8, long: 30 } as const;

describe('a graph with one scale for a batch', () => {
  test('gives other bytes in company, and the same once it is known: each text then runs alone', async () => {
    const { folder } = await embedder({ dynamic: true });
    const shape = folder.description.shape as ReadyMadeEncoderShape;
    expect(shape.graph.alone).toBe('DynamicQuantizeLinear takes one scale for all the numbers of a batch');
    const mixed = await bytesAloneAndTogether(believed(folder), TEXTS);
    expect(mixed.together).not.toEqual(mixed.alone);
    const kept = await bytesAloneAndTogether(folder, TEXTS);
    expect(kept.together).toEqual(kept.alone);
    expect(kept.alone).toEqual(mixed.alone);
  });
});

describe('equal texts have equal bytes, whatever runs beside them, in a graph', () => {
  test.for([
    ['of floats, whose texts run together', {}, false],
    ['of integers', { dynamic: true }, true],
    ['that pools itself', { output: 'sentence_embedding' }, true],
    ['without a mask', { mask: false }, true],
  ] as const)('%s', async ([, options, runsAlone]) => {
    const { folder, name } = await embedder(options);
    const { graph } = folder.description.shape as ReadyMadeEncoderShape;
    expect(graph.alone !== undefined).toBe(runsAlone);
    const quiet = createLocalEngine();
    await Promise.all([quiet.load(folder), engine.load(folder)]);
    await checkEmbeddings(quiet, engine, name, RUNS);
    await quiet.close();
  });

  test('that scores pairs', async () => {
    const { sources, model } = tinyCrossEncoder(13);
    const folder = await tiny.of(
      nextName(),
      'reranking',
      'own',
      withGraph(sources, tinyOnnxBert(model, { output: 'logits' })),
    );
    const quiet = createLocalEngine();
    const [{ name }] = await Promise.all([engine.load(folder), quiet.load(folder)]);
    await checkRerankings(quiet, engine, name, RUNS);
    await quiet.close();
  });
});
