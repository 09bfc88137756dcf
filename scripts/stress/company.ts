// Who runs beside whom: the requests of a round dealt to engines of unlike settings, in an order and in batches by chance.

import fc from 'fast-check';
import type { EngineOptions } from '../../workers/inference/local-engine.ts';
import { type Round, type StressRequest, sampleOne, seedOf, several } from './round.ts';

/** One call of a handler: texts that come as a batch, or a request alone. */
export interface Job {
  readonly requests: readonly StressRequest[];
  /** Ids of those that are cancelled as they run. */
  readonly cancelled: ReadonlySet<string>;
}

export interface Seat {
  readonly options: EngineOptions;
  /** Jobs that are open at once. */
  readonly lanes: number;
  readonly jobs: readonly Job[];
}

const LARGEST_BATCH = 32;

/** `cacheBytes`: of keys and values, of which an engine has one; the least has room for the longest prompt with its answer. */
export function drawCompany(seed: number, round: Round, engines: number, cacheBytes: readonly number[]): Seat[] {
  const of = (part: string) => seedOf(seed, round.number, part);
  const options = fc.record({
    slots: fc.integer({ min: 2, max: 8 }),
    guesses: fc.integer({ min: 0, max: 3 }),
    cacheBytes: fc.constantFrom(...cacheBytes),
    prefixBytes: fc.constantFrom(0, 2 ** 22, 2 ** 26),
    groupTokens: fc.constantFrom(32, 64, 200, 600),
    threads: fc.constantFrom(1, 1, 1, 2),
  });
  const seats = sampleOne(of('engines'), several(engines, options));
  const jobs = shuffled(of('order'), jobsOf(of('batches'), round));
  const places = sampleOne(of('places'), several(jobs.length, fc.nat(engines - 1)));
  return seats.map((options, seat) => ({
    options,
    lanes: options.slots + 4,
    jobs: jobs.filter((_, i) => places[i] === seat),
  }));
}

function jobsOf(seed: number, { requests, mates }: Round): Job[] {
  const cancelled = new Set(mates.map(({ id }) => id));
  const all = [...requests, ...mates];
  const texts = shuffled(
    seed,
    all.filter(({ type }) => type === 'embed'),
  );
  const sizes = sampleOne(seed, several(texts.length, fc.integer({ min: 1, max: LARGEST_BATCH })));
  const batches: StressRequest[][] = [];
  for (let begin = 0; begin < texts.length; begin += batches.at(-1)!.length) {
    batches.push(texts.slice(begin, begin + sizes[batches.length]!));
  }
  const others = all.filter(({ type }) => type !== 'embed').map((request) => [request]);
  return [...batches, ...others].map((requests) => ({ requests, cancelled }));
}

function shuffled<Value>(seed: number, values: readonly Value[]): Value[] {
  const all = { minLength: values.length, maxLength: values.length };
  return sampleOne(seed, fc.shuffledSubarray([...values], all));
}
