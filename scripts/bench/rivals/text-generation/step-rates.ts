// Tokens a second of transformers.js, from the times of its steps: each gives one token to every prompt.

import type { TransformersText } from './transformers-text.ts';

type Prompts = readonly (readonly number[])[];

/** As `generate` measures ours: what is told of one stream is of four that run one after the other. */
export function stepRates(prompts: Prompts, long: Prompts, tokens: number) {
  // The rate over the whole time is of the same run as the one of decoding, in the same round.
  let whole = Number.NaN;
  return {
    async one(rival: TransformersText): Promise<number> {
      const streams: (readonly number[])[] = [];
      for (const prompt of prompts.slice(0, 4)) streams.push((await rival.generate([prompt], tokens + 1)).times);
      return decodingRate(streams, 1);
    },
    async many(rival: TransformersText): Promise<number> {
      const { times } = await rival.generate(prompts, tokens);
      whole = (1000 * prompts.length * times.length) / times.at(-1)!;
      return decodingRate([times], prompts.length);
    },
    whole: async (): Promise<number> => whole,
    async reading(rival: TransformersText): Promise<number> {
      const { times } = await rival.generate(long.slice(0, 1), 1);
      return (1000 * long[0]!.length) / times[0]!;
    },
  };
}

/** From the first step's end to the last one's, of runs one after the other with so many prompts each. */
export function decodingRate(runs: readonly (readonly number[])[], prompts: number): number {
  const sum = (of: (times: readonly number[]) => number) => runs.reduce((total, times) => total + of(times), 0);
  return (1000 * prompts * sum((times) => times.length - 1)) / sum((times) => times.at(-1)! - times[0]!);
}
