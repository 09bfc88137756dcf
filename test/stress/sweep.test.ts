// The sweep itself, over tiny models: nothing differs, and a graph that mixes the texts of a batch is found.

import { afterAll, describe, expect, test } from 'vitest';
import { foundLines } from '../../scripts/stress/report.ts';
import { type RoundEnd, type SweepOptions, sweep } from '../../scripts/stress/sweep.ts';
import type { ModelFolder } from '../../workers/inference/model-folder.ts';
import { tinyOnnxBert } from '../inference/convert/tiny-onnx-bert.ts';
import { mixing } from '../inference/encoder/mixing.ts';
import { tinyEncoder } from '../inference/engine/tiny-encoders.ts';
import { makeTinyModels, TINY_TEXT_TOKENS } from '../inference/engine/tiny-models.ts';
import { describeFormats } from '../inference/formats.ts';
import { TINY_DRAWS } from './draws.ts';

const tiny = await makeTinyModels();
afterAll(() => tiny.remove());

/** Of keys and values in the tiny model; in the smaller room some generations give way and begin again. */
const TOKEN_BYTES = 512;
const cacheBytes = [TINY_TEXT_TOKENS, 4 * TINY_TEXT_TOKENS].map((tokens) => tokens * TOKEN_BYTES);

async function allRounds(models: readonly ModelFolder[], options: Pick<SweepOptions, 'counts' | 'roundOf' | 'only'>) {
  const ends: RoundEnd[] = [];
  const more = { seed: 11, models, draws: TINY_DRAWS, engines: 2, alone: 1, cacheBytes };
  for await (const end of sweep({ ...options, ...more })) ends.push(end);
  return ends;
}

describeFormats((format) => {
  test('nothing differs', { timeout: 120_000 }, async () => {
    const models = [await tiny.text(format, { everyByte: true, endless: false }), await tiny.embedding(format)];
    const counts = { embeddings: 200, pairs: 60, generations: 60 };
    const [end, ...others] = await allRounds(models, { counts, roundOf: counts });
    expect(others).toEqual([]);
    expect(end!.found).toBeUndefined();
    expect(end!.tally).toMatchObject({
      embeddings: { count: 200, differ: 0, numbers: 200 * 64, differingNumbers: 0 },
      pairs: { count: 60, differ: 0, differingBytes: 0 },
      generations: { count: 60, differ: 0, differingBytes: 0 },
    });
    expect(end!.tally.generations.tokensOut).toBeGreaterThan(300);
    expect(end!.tally.generations.constrained).toBeGreaterThan(10);
    expect(end!.tally.cancelled).toBeGreaterThan(5);
  });
});

describe('a graph with one scale for a batch, taken for one that has none', () => {
  test('is found, and its round comes again by its number', { timeout: 120_000 }, async () => {
    const { sources, model } = tinyEncoder(21);
    const { graph: weights } = tinyOnnxBert(model, { dynamic: true });
    const mixed = mixing(await tiny.of('mixing', 'embedding', 'own', { ...sources, weights }));
    const counts = { embeddings: 60, pairs: 0, generations: 0 };
    const roundOf = { ...counts, embeddings: 30, pairs: 1, generations: 1 };
    const ends = await allRounds([mixed], { counts, roundOf });
    expect(ends.map(({ round, rounds }) => [round, rounds])).toEqual([
      [1, 2],
      [2, 2],
    ]);
    const { found, tally } = ends[1]!;
    expect(tally.embeddings.differ).toBeGreaterThan(10);
    expect(tally.embeddings.differingBytes).toBeGreaterThan(100);
    expect(found).toMatchObject({ round: 2, request: { type: 'embed' }, aloneAgain: true });
    expect(found!.difference.parts).toEqual(['embedding', 'receipt.output']);
    const lines = foundLines(found!, 'the command');
    expect(lines).toContainEqual(expect.stringContaining(JSON.stringify(found!.request)));
    expect(lines.at(-1)).toBe('  again: the command');
    const [again, ...others] = await allRounds([mixed], { counts, roundOf, only: 2 });
    expect(others).toEqual([]);
    expect(again!.found!.request).toEqual(found!.request);
  });
});
