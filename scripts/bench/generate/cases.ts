// What `generate` measures, each with our forms of running it and the rival's: same cores, same numbers of tokens.

import type { Encode } from '../prompts.ts';
import type { NativeLlama, Weights } from '../rivals/native-llama/native-llama.ts';
import { stepRates } from '../rivals/text-generation/step-rates.ts';
import type { TransformersText } from '../rivals/text-generation/transformers-text.ts';
import type { OurEngines } from './our-engines.ts';
import { decodeRate, decodeRateAlone, ofLength, readingRate, wholeRate } from './streams.ts';

export interface Sizes {
  readonly streams: number;
  /** Tokens of a prompt, and of one that is only read. */
  readonly prompt: number;
  readonly read: number;
  /** Tokens that count in an answer. */
  readonly tokens: number;
}

export interface Case {
  readonly what: string;
  readonly threads: number;
  /** Tokens a second. Bars count for the first: how a worker runs that is set up for it. */
  readonly ours: readonly { readonly form: string; readonly run: () => Promise<number> }[];
  readonly theirs: (llama: NativeLlama, weights: Weights) => Promise<number>;
  /** transformers.js takes all cores, so it is measured where both sides have them. */
  readonly transformers?: (rival: TransformersText) => Promise<number>;
  readonly bars?: Partial<Record<Weights, number>>;
}

export function casesOf(
  engines: OurEngines,
  model: string,
  prompts: readonly string[],
  long: readonly string[],
  { streams, prompt, read, tokens }: Sizes,
  threads: number,
  encode: Encode,
): Case[] {
  const { fleet, plainFleet, alone, plainAlone, threaded, plainThreaded } = engines;
  const together = `${threads} engines of 1 thread`;
  const one = (set: OurEngines['fleet']) => () =>
    decodeRateAlone(set[0]!, model, ofLength(tokens + 1, prompts.slice(0, 4)));
  // Streams begin one after the other: when the last has begun, the first has had some of its tokens.
  const many = (set: OurEngines['fleet']) => () => decodeRate(set, model, prompts, 2 * tokens);
  const whole = (set: OurEngines['fleet']) => () => wholeRate(set, model, ofLength(tokens, prompts));
  const reading = (set: OurEngines['fleet']) => () => readingRate(set, model, long, read);
  const inThreads = `1 engine of ${threads} threads`;

  // One run tells both how fast they decode and the whole time.
  const wholes = new Map<Weights, number>();
  const decoding = (count: number, used: number) => async (llama: NativeLlama, weights: Weights) => {
    const { decode, whole } = await llama.batched(weights, used, { streams: count, prompt, tokens });
    wholes.set(weights, whole);
    return decode;
  };
  const wholeTime = async (_: NativeLlama, weights: Weights) => wholes.get(weights)!;
  const prefill = (used: number) => async (llama: NativeLlama, weights: Weights) => {
    const rates = await llama.prefill(weights, used, read, 2);
    return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  };

  const js = stepRates(prompts.map(encode), long.map(encode), tokens);

  const onOne: Case[] = [
    {
      what: 'one stream decodes on 1 thread',
      threads: 1,
      ours: [
        { form: '1 engine', run: one(alone) },
        { form: '1 engine, one token a step', run: one(plainAlone) },
      ],
      theirs: decoding(1, 1),
    },
    {
      what: `${streams} streams decode on 1 thread`,
      threads: 1,
      ours: [
        { form: '1 engine', run: many(alone) },
        { form: '1 engine, one token a step', run: many(plainAlone) },
      ],
      theirs: decoding(streams, 1),
    },
    {
      what: `reading ${read} tokens on 1 thread`,
      threads: 1,
      ours: [{ form: '1 engine', run: reading(alone) }],
      theirs: prefill(1),
    },
  ];
  if (threads === 1) return onOne;
  return [
    ...onOne,
    {
      what: `one stream decodes, ${threads} cores`,
      threads,
      ours: [
        { form: inThreads, run: one(threaded) },
        { form: `${inThreads}, one token a step`, run: one(plainThreaded) },
        { form: `one of ${together}`, run: one(fleet) },
        { form: `one of ${together}, one token a step`, run: one(plainFleet) },
      ],
      theirs: decoding(1, threads),
      transformers: js.one,
      bars: { Q8_0: 1 },
    },
    {
      what: `${streams} streams decode, ${threads} cores`,
      threads,
      ours: [
        { form: together, run: many(fleet) },
        { form: `${together}, one token a step`, run: many(plainFleet) },
        { form: inThreads, run: many(threaded) },
      ],
      theirs: decoding(streams, threads),
      transformers: js.many,
      bars: { Q8_0: 1.5, BF16: 1.2 },
    },
    {
      what: `${streams} prompts and answers, the whole time, ${threads} cores`,
      threads,
      ours: [{ form: together, run: whole(fleet) }],
      // Of the case before, in the same round.
      theirs: wholeTime,
      transformers: js.whole,
    },
    {
      what: `reading ${read} tokens, ${threads} cores`,
      threads,
      ours: [
        { form: `a prompt on each of ${together}`, run: reading(fleet) },
        { form: `one prompt on one of ${together}`, run: reading(fleet.slice(0, 1)) },
        { form: inThreads, run: reading(threaded) },
      ],
      theirs: prefill(threads),
      transformers: js.reading,
      bars: { Q8_0: 1.5, BF16: 1 },
    },
  ];
}
