// Runs generations on engines and tells how fast they went: while all of them decode, over the whole time, and reading.

import type { Engine, GenerateInput } from '../../../workers/inference/engine.ts';

export type Asked = Pick<GenerateInput, 'prompt' | 'maxTokens'> &
  Partial<Pick<GenerateInput, 'minTokens' | 'constraint'>>;

/** Answers that have so many tokens each. */
export function ofLength(tokens: number, prompts: readonly string[]): Asked[] {
  return prompts.map((prompt) => ({ prompt, maxTokens: tokens, minTokens: tokens }));
}

interface Stream {
  /** Milliseconds from the start to each piece. One is a token, all but a few: English has hardly a character of several tokens. */
  readonly times: readonly number[];
  readonly tokens: number;
}

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
  const times = (await generateAll(engines, model, ofLength(tokens, prompts))).map((stream) => stream.times);
  const begun = Math.max(...times.map((stream) => stream[0]!));
  const ended = Math.min(...times.map((stream) => stream.at(-1)!));
  const counted = times.map((stream) => stream.filter((time) => time > begun && time <= ended).length);
  return (counted.reduce((sum, each) => sum + each, 0) / (ended - begun)) * 1000;
}

/** As `decodeRate`, of streams that run one after the other. */
export async function decodeRateAlone(engine: Engine, model: string, asked: readonly Asked[]) {
  let [counted, took] = [0, 0];
  for (const each of asked) {
    const [stream] = await generateAll([engine], model, [each]);
    counted += stream!.tokens - 1;
    took += stream!.times.at(-1)! - stream!.times[0]!;
  }
  return (counted / took) * 1000;
}

/** Tokens of answers a second, from the first prompt's first token to the last answer's last. */
export async function wholeRate(engines: readonly Engine[], model: string, asked: readonly Asked[]) {
  const streams = await generateAll(engines, model, asked);
  const counted = streams.reduce((sum, { tokens }) => sum + tokens, 0);
  return (counted / Math.max(...streams.flatMap(({ times }) => times))) * 1000;
}

/** Tokens a second of reading one prompt on each engine. */
export async function readingRate(
  engines: readonly Engine[],
  model: string,
  prompts: readonly string[],
  tokens: number,
) {
  const streams = await generateAll(engines, model, ofLength(1, prompts.slice(0, engines.length)));
  return ((engines.length * tokens) / Math.max(...streams.flatMap(({ times }) => times))) * 1000;
}

/** All at once, in turn on the engines, greedy. */
export async function generateAll(
  engines: readonly Engine[],
  model: string,
  asked: readonly Asked[],
): Promise<readonly Stream[]> {
  const begun = performance.now();
  return Promise.all(
    asked.map(async (each, i) => {
      const times: number[] = [];
      const input = { id: `bench-${i}`, model, stop: [], temperature: 0, seed: 42, ...each };
      const { tokensOut } = await engines[i % engines.length]!.generate(input, () =>
        times.push(performance.now() - begun),
      );
      if (times.length === 0) times.push(performance.now() - begun);
      return { times, tokens: tokensOut };
    }),
  );
}
