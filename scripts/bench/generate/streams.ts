// Runs generations on engines and tells how fast they went: while all of them decode, over the whole time, and reading.

import type { Engine } from '../../../workers/inference/engine.ts';

/** Milliseconds from the start to each token, a list a stream. */
type TokenTimes = readonly (readonly number[])[];

/**
 * Tokens a second while every stream decodes: from the moment when the last has its first token until the first has its last.
 * They begin one after the other, so each is asked for more tokens than count.
 */
export async function decodeRate(
  engines: readonly Engine[],
  model: string,
  prompts: readonly string[],
  tokens: number,
) {
  const times = await generateAll(engines, model, prompts, tokens);
  const begun = Math.max(...times.map((stream) => stream[0]!));
  const ended = Math.min(...times.map((stream) => stream.at(-1)!));
  const counted = times.map((stream) => stream.filter((time) => time > begun && time <= ended).length);
  return (counted.reduce((sum, each) => sum + each, 0) / (ended - begun)) * 1000;
}

/** As `decodeRate`, of streams that run one after the other. */
export async function decodeRateAlone(engine: Engine, model: string, prompts: readonly string[], tokens: number) {
  let [counted, took] = [0, 0];
  for (const prompt of prompts) {
    const [stream] = await generateAll([engine], model, [prompt], tokens);
    counted += stream!.length - 1;
    took += stream!.at(-1)! - stream![0]!;
  }
  return (counted / took) * 1000;
}

/** Tokens of answers a second, from the first prompt's first token to the last answer's last. */
export async function wholeRate(engines: readonly Engine[], model: string, prompts: readonly string[], tokens: number) {
  const times = await generateAll(engines, model, prompts, tokens);
  return ((prompts.length * tokens) / Math.max(...times.flat())) * 1000;
}

/** Tokens a second of reading one prompt on each engine. */
export async function readingRate(
  engines: readonly Engine[],
  model: string,
  prompts: readonly string[],
  tokens: number,
) {
  const times = await generateAll(engines, model, prompts.slice(0, engines.length), 1);
  return ((engines.length * tokens) / Math.max(...times.flat())) * 1000;
}

/**
 * Each piece of an answer is a token here, all but a few: answers in English have hardly a character of several tokens. Every
 * answer has all its tokens.
 */
async function generateAll(
  engines: readonly Engine[],
  model: string,
  prompts: readonly string[],
  tokens: number,
): Promise<TokenTimes> {
  const begun = performance.now();
  return Promise.all(
    prompts.map(async (prompt, i) => {
      const times: number[] = [];
      const asked = { maxTokens: tokens, minTokens: tokens, stop: [], temperature: 0, seed: 42 };
      await engines[i % engines.length]!.generate({ id: `bench-${i}`, model, prompt, ...asked }, () =>
        times.push(performance.now() - begun),
      );
      if (times.length === 0) times.push(performance.now() - begun);
      return times;
    }),
  );
}
