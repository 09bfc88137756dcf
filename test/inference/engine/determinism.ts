// The engine's promise as a property: the same request gives the same bytes whatever runs beside it, in whatever order, and
// whenever it comes.

import fc from 'fast-check';
import { expect } from 'vitest';
import { type GenerationDraws, promptOf, randomPicking, randomWords } from '../../../scripts/stress/draws.ts';
import type { Engine, GenerateInput, GenerateOutput, LongTexts } from '../../../workers/inference/engine.ts';

export interface DeterminismOptions extends GenerationDraws {
  readonly runs: number;
  /** Words of a prompt or a text, at most. */
  readonly longest: number;
  /** Words of one prompt or text more in each run: longer than all others. */
  readonly long?: number;
  /** What is done with texts that are too long to embed. */
  readonly longTexts?: LongTexts;
}

interface Arrival {
  readonly words: readonly string[];
  /** So many of them are those that the first prompt begins with. */
  readonly shared: number;
  readonly picking: Omit<GenerateInput, 'id' | 'model' | 'prompt'>;
  /** Comes when the one before it has shown so many pieces (or has ended). */
  readonly after: number;
}

/** Random requests, each alone in `quiet`, then all in `busy` as they arrive. */
export async function checkGenerations(
  quiet: Engine,
  busy: Engine,
  model: string,
  options: DeterminismOptions,
): Promise<void> {
  const { long, longest } = options;
  const arrival = (least: number, most: number): fc.Arbitrary<Arrival> =>
    fc.record({
      words: randomWords(options.words, least, most),
      shared: fc.constantFrom(0, 0, Math.floor(longest / 2), longest),
      picking: randomPicking(options),
      after: fc.nat(6),
    });
  const some = fc.array(arrival(1, longest), { minLength: 2, maxLength: long ? 7 : 8 });
  const all = long ? fc.tuple(some, arrival(long, long)).map(([others, one]) => among(others, one)) : some;
  await fc.assert(
    fc.asyncProperty(all, async (arrivals) => {
      // Who draws by chance guesses nothing: half of the runs are greedy throughout.
      const greedy = arrivals[0]!.picking.seed % 2 === 0;
      const beginning = arrivals[0]!.words;
      const inputs = arrivals.map(({ words, shared, picking }, i) => ({
        ...{ id: `d${i}`, model, ...picking, prompt: promptOf(words, shared, beginning) },
        temperature: greedy ? 0 : picking.temperature,
      }));
      const alone: GenerateOutput[] = [];
      for (const input of inputs) alone.push(await quiet.generate(input));
      expect(await allAsTheyArrive(busy, inputs, arrivals)).toEqual(alone);
    }),
    { numRuns: options.runs, endOnFailure: true },
  );
}

async function allAsTheyArrive(
  engine: Engine,
  inputs: readonly GenerateInput[],
  arrivals: readonly Arrival[],
): Promise<GenerateOutput[]> {
  const outputs: Promise<GenerateOutput>[] = [];
  for (const [i, input] of inputs.entries()) {
    const next = Promise.withResolvers<void>();
    let pieces = 0;
    const wait = arrivals[i + 1]?.after ?? 0;
    const output = engine.generate(input, () => {
      if (++pieces >= wait) next.resolve();
    });
    outputs.push(output);
    if (wait > 0) await Promise.race([next.promise, output]);
  }
  return Promise.all(outputs);
}

/** Random texts, each alone in `quiet`, then in random batches that come at once to `busy`. */
export async function checkEmbeddings(
  quiet: Engine,
  busy: Engine,
  model: string,
  options: DeterminismOptions,
): Promise<void> {
  const text = (least: number, most: number) => randomWords(options.words, least, most).map((words) => words.join(' '));
  const { long, longest, longTexts = 'truncate' } = options;
  const some = fc.array(text(1, longest), { minLength: 1, maxLength: 20 });
  const first = long ? fc.tuple(some, text(long, long)).map(([others, one]) => among(others, one)) : some;
  const batches = fc.tuple(first, fc.array(some, { maxLength: 2 })).map(([one, others]) => [one, ...others]);
  await fc.assert(
    fc.asyncProperty(batches, async (batches) => {
      const together = await Promise.all(batches.map((texts) => busy.embed({ model, texts, longTexts })));
      for (const [b, texts] of batches.entries()) {
        for (const [i, text] of texts.entries()) {
          const alone = await quiet.embed({ model, texts: [text], longTexts });
          expect(bytes(together[b]!.vectors[i]!).equals(bytes(alone.vectors[0]!))).toBe(true);
        }
      }
    }),
    { numRuns: options.runs, endOnFailure: true },
  );
}

/** Random documents, each alone in `quiet`, then all in one rerank and in another order in a second, at once in `busy`. */
export async function checkRerankings(
  quiet: Engine,
  busy: Engine,
  model: string,
  options: DeterminismOptions,
): Promise<void> {
  const text = randomWords(options.words, 1, options.longest).map((words) => words.join(' '));
  await fc.assert(
    fc.asyncProperty(text, fc.array(text, { minLength: 1, maxLength: 12 }), async (query, documents) => {
      const backwards = documents.toReversed();
      const [some, others] = await Promise.all([
        busy.rerank({ model, query, documents }),
        busy.rerank({ model, query, documents: backwards }),
      ]);
      expect(others.scores.toReversed()).toEqual(some.scores);
      for (const [i, document] of documents.entries()) {
        const alone = await quiet.rerank({ model, query, documents: [document] });
        expect(alone.scores).toEqual([some.scores[i]]);
      }
    }),
    { numRuns: options.runs, endOnFailure: true },
  );
}

/** After the first: it comes when somebody is there. */
function among<T>([first, ...others]: readonly T[], one: T): T[] {
  return [first!, one, ...others];
}

function bytes(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
}
