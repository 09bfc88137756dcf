// The engine's promise as a property: the same request gives the same bytes whatever runs beside it, in whatever order, and
// whenever it comes.

import fc from 'fast-check';
import { expect } from 'vitest';
import type { Engine, GenerateInput, GenerateOutput } from '../../../workers/inference/engine.ts';

export interface DeterminismOptions {
  readonly runs: number;
  readonly mostTokens: number;
  readonly words: readonly string[];
  /** Words of a prompt, at most. */
  readonly longest: number;
}

interface Arrival {
  readonly words: readonly string[];
  readonly maxTokens: number;
  readonly temperature: number;
  readonly seed: number;
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
  const arrival = fc.record({
    words: fc.array(fc.constantFrom(...options.words), { minLength: 1, maxLength: options.longest }),
    maxTokens: fc.integer({ min: 1, max: options.mostTokens }),
    temperature: fc.constantFrom(0, 0, 0.7, 1.5),
    seed: fc.integer(),
    after: fc.nat(6),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(arrival, { minLength: 2, maxLength: 8 }), async (arrivals) => {
      // Where one draws by chance, nobody guesses: half of the runs are greedy throughout.
      const greedy = arrivals[0]!.seed % 2 === 0;
      const inputs = arrivals.map(({ words, maxTokens, temperature, seed }, i) => ({
        ...{ id: `d${i}`, model, prompt: words.join(' '), stop: [] },
        ...{ maxTokens, temperature: greedy ? 0 : temperature, seed },
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
  const text = fc
    .array(fc.constantFrom(...options.words), { minLength: 1, maxLength: options.longest })
    .map((words) => words.join(' '));
  const batches = fc.array(fc.array(text, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(batches, async (batches) => {
      const together = await Promise.all(batches.map((texts) => busy.embed({ model, texts })));
      for (const [b, texts] of batches.entries()) {
        for (const [i, text] of texts.entries()) {
          const alone = await quiet.embed({ model, texts: [text] });
          expect(bytes(together[b]!.vectors[i]!).equals(bytes(alone.vectors[0]!))).toBe(true);
        }
      }
    }),
    { numRuns: options.runs, endOnFailure: true },
  );
}

function bytes(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
}
