// What the sweep asks and how it is dealt: the same for the same seed, complete, and of all kinds.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawCompany } from '../../scripts/stress/company.ts';
import { type Counts, drawRound, type StressRequest } from '../../scripts/stress/round.ts';
import { roundsOf } from '../../scripts/stress/sweep.ts';
import { TINY_DRAWS } from './draws.ts';

const counts = fc.record({ embeddings: fc.nat(60), pairs: fc.nat(40), generations: fc.nat(30) });
const MANY: Counts = { embeddings: 200, pairs: 80, generations: 100 };
const draw = (seed: number, number: number, some: Counts) => drawRound(seed, number, some, TINY_DRAWS);

function countsOf(requests: readonly StressRequest[]): Counts {
  const of = (type: StressRequest['type']) => requests.filter((request) => request.type === type);
  const documents = requests.map((request) => (request.type === 'rerank' ? request.input.documents.length : 0));
  return {
    embeddings: of('embed').length,
    pairs: documents.reduce((sum, count) => sum + count, 0),
    generations: of('generate').length,
  };
}

test('a round has as many requests as are asked for, each with an id of its own, and a mate for ten of them', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 99 }), counts, (seed, number, some) => {
      const { requests, mates } = draw(seed, number, some);
      expect(countsOf(requests)).toEqual(some);
      expect(countsOf(mates).generations).toBe(Math.ceil(some.generations / 10));
      const ids = [...requests, ...mates].map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }),
    { numRuns: 30 },
  );
});

test('the same seed gives the same round, more of one kind change no other, and another seed or round is another', () => {
  const round = draw(5, 2, MANY);
  expect(draw(5, 2, MANY)).toEqual(round);
  expect(draw(6, 2, MANY).requests).not.toEqual(round.requests);
  const [next] = [draw(5, 3, MANY).requests];
  expect(next.map(({ input }) => input)).not.toEqual(round.requests.map(({ input }) => input));
  const fewer = draw(5, 2, { ...MANY, embeddings: 7 });
  const generations = (requests: readonly StressRequest[]) => requests.filter(({ type }) => type === 'generate');
  expect(generations(fewer.requests)).toEqual(generations(round.requests));
});

test('requests are short and long, greedy and drawn, free and constrained; prompts share beginnings, and texts come again', () => {
  const { requests } = draw(1, 1, MANY);
  const generations = requests.filter((request) => request.type === 'generate').map(({ input }) => input);
  const share = (of: (input: (typeof generations)[number]) => boolean) => generations.filter(of).length / 100;
  expect(share(({ temperature }) => temperature === 0)).toBeCloseTo(0.5, 0.5);
  expect(share(({ constraint }) => constraint !== undefined)).toBeCloseTo(0.33, 0.5);
  expect(share(({ stop }) => stop.length > 0)).toBeGreaterThan(0.1);
  expect(share(({ topK }) => topK === 5)).toBeGreaterThan(0.2);
  const beginnings = Map.groupBy(generations, ({ prompt }) => prompt.split(' ').slice(0, 8).join(' '));
  expect(Math.max(...[...beginnings.values()].map(({ length }) => length))).toBeGreaterThan(10);
  const texts = requests.filter((request) => request.type === 'embed').map(({ input }) => input.text);
  const words = texts.map((text) => text.split(' ').length);
  expect(words.filter((count) => count <= 3).length).toBeGreaterThan(100);
  expect(Math.max(...words)).toBeGreaterThan(15);
  const manyWords = Array.from({ length: 999 }, (_, i) => `w${i}`);
  const unlikely = drawRound(1, 1, MANY, { ...TINY_DRAWS, words: manyWords, lengths: [20, 30, 40] });
  const others = unlikely.requests.filter((request) => request.type === 'embed').map(({ input }) => input.text);
  expect(others.length - new Set(others).size).toBeGreaterThan(2);
});

test('each request and mate is in one job of one engine, texts in batches of at most 32, and only mates are cancelled', () => {
  const round = draw(7, 1, MANY);
  const seats = drawCompany(7, round, 3, [1, 2]);
  expect(drawCompany(7, round, 3, [1, 2])).toEqual(seats);
  const jobs = seats.flatMap(({ jobs }) => jobs);
  const ids = jobs.flatMap(({ requests }) => requests.map(({ id }) => id));
  expect(ids.toSorted()).toEqual([...round.requests, ...round.mates].map(({ id }) => id).sort());
  for (const { requests, cancelled } of jobs) {
    const [first] = requests;
    expect(requests.every(({ type }) => type === first!.type)).toBe(true);
    expect(requests.length).toBeLessThanOrEqual(first!.type === 'embed' ? 32 : 1);
    expect([...cancelled].toSorted()).toEqual(round.mates.map(({ id }) => id).sort());
  }
  const kinds = (seat: (typeof seats)[number]) => new Set(seat.jobs.map(({ requests }) => requests[0]!.type));
  expect(seats.map((seat) => kinds(seat).size)).toEqual([3, 3, 3]);
  expect(new Set(seats.map(({ options }) => JSON.stringify(options))).size).toBe(3);
});

test('rounds have all that is asked for together, and none is empty', () => {
  const least = fc.record({ embeddings: fc.nat(500), pairs: fc.nat(500), generations: fc.nat(500) });
  const of = { embeddings: 50, pairs: 20, generations: 7 };
  fc.assert(
    fc.property(least, (some) => {
      const rounds = roundsOf(some, of);
      for (const name of ['embeddings', 'pairs', 'generations'] as const) {
        expect(rounds.reduce((sum, round) => sum + round[name], 0)).toBe(some[name]);
        expect(rounds.every((round) => round[name] <= of[name])).toBe(true);
      }
      expect(rounds.every((round) => round.embeddings + round.pairs + round.generations > 0)).toBe(true);
    }),
  );
  expect(roundsOf({ embeddings: 120, pairs: 0, generations: 7 }, of)).toEqual([
    { embeddings: 50, pairs: 0, generations: 7 },
    { embeddings: 50, pairs: 0, generations: 0 },
    { embeddings: 20, pairs: 0, generations: 0 },
  ]);
});
