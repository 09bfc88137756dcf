import { expect, test } from 'vitest';
import { runClaimLoop } from '../../workers/fleet/claim-loop.ts';
import { Wakeup } from '../../workers/fleet/wakeup.ts';
import type { ClaimDemand, ClaimedRequest } from '../../workers/queue/types.ts';
import { claimed, generation, silent, until } from './support/parts.ts';

const EMBED: ClaimDemand = { requestType: 'embed', model: 'all-minilm-l6-v2', limit: 10, largest: 512, largeLimit: 1 };
const GENERATE: ClaimDemand = {
  requestType: 'generate',
  model: 'smollm2-135m-instruct',
  limit: 2,
  largest: 768,
  largeLimit: 1,
};

function loop(options: {
  demands: () => ClaimDemand[];
  isolatedLimit?: () => number;
  claim: (demands: readonly ClaimDemand[], isolatedLimit: number) => Promise<ClaimedRequest[]>;
  slowMs?: number;
}) {
  const wakeup = new Wakeup();
  const accepted: ClaimedRequest[] = [];
  const asked: string[][] = [];
  const ended = runClaimLoop({
    wakeup,
    log: silent,
    policy: { fastMs: 20, slowMs: options.slowMs ?? 60_000, fastForMs: 0 },
    demands: options.demands,
    isolatedLimit: options.isolatedLimit ?? (() => 1),
    claim: (demands, isolatedLimit) => {
      asked.push(demands.map(({ requestType }) => requestType));
      return options.claim(demands, isolatedLimit);
    },
    accept: (requests) => accepted.push(...requests),
  });
  return {
    wakeup,
    accepted,
    asked,
    ended,
    async [Symbol.asyncDispose]() {
      wakeup.stop();
      await ended;
    },
  };
}

test('claims until the queue is empty, then sleeps until there is work', async () => {
  const queue = Array.from({ length: 25 }, () => claimed());
  await using running = loop({ demands: () => [EMBED], claim: async ([demand]) => queue.splice(0, demand!.limit) });
  await until('the queue is empty and was found so', () => running.asked.length === 4);
  expect(running.accepted).toHaveLength(25);

  queue.push(claimed());
  running.wakeup.work();
  await until('the new request', () => running.accepted.length === 26);
});

test('polls when no notice comes', async () => {
  const queue: ClaimedRequest[] = [];
  await using running = loop({ demands: () => [EMBED], claim: async () => queue.splice(0), slowMs: 10 });
  await until('an empty look', () => running.asked.length > 0);
  queue.push(claimed());
  await until('the request nobody announced', () => running.accepted.length === 1);
});

test('a place that gets free asks only for the kind that may have more', async () => {
  let slots = 2;
  const prompts = ['a', 'b', 'c'].map((prompt) => generation(prompt));
  await using running = loop({
    demands: () => [EMBED, { ...GENERATE, limit: slots }].filter(({ limit }) => limit > 0),
    claim: async (demands) => {
      const wanted = demands.find(({ requestType }) => requestType === 'generate');
      const taken = prompts.splice(0, wanted?.limit ?? 0);
      slots -= taken.length;
      return taken;
    },
  });
  await until('both slots are taken', () => running.accepted.length === 2);
  slots = 1;
  running.wakeup.room();
  await until('the third', () => running.accepted.length === 3);
  expect(running.asked).toEqual([['embed', 'generate'], ['generate']]);
});

test('a kind that had none but isolated ones is asked for again as soon as there is room for one of those', async () => {
  let places = 0;
  const queue = [generation('alone', { isolated: true })];
  await using running = loop({
    demands: () => [GENERATE],
    isolatedLimit: () => places,
    claim: async (_demands, isolatedLimit) => {
      places -= Math.min(isolatedLimit, queue.length);
      return queue.splice(0, isolatedLimit);
    },
  });
  await until('an empty look', () => running.asked.length === 1);
  places = 1;
  running.wakeup.room();
  await until('the isolated one', () => running.accepted.length === 1);
  expect(running.asked.length).toBeGreaterThanOrEqual(2);
});

test('places for isolated ones go round between the kinds, also where one has no end of them', async () => {
  const rerank: ClaimDemand = { ...EMBED, requestType: 'rerank' };
  const queue: Readonly<Record<string, ClaimedRequest[]>> = {
    embed: Array.from({ length: 9 }, () => claimed({ isolated: true })),
    generate: ['g1', 'g2'].map((prompt) => generation(prompt, { isolated: true })),
    rerank: [claimed({ requestType: 'rerank', isolated: true }), claimed({ requestType: 'rerank' })],
  };
  await using running = loop({
    demands: () => [EMBED, GENERATE, rerank],
    // As the database does: in one order of the kinds, whatever order they are asked for in.
    claim: async (demands, isolatedLimit) => {
      let places = isolatedLimit;
      return demands.flatMap(({ requestType }) => {
        const [next] = queue[requestType]!;
        if (next === undefined || (next.isolated && places-- <= 0)) return [];
        return queue[requestType]!.splice(0, 1);
      });
    },
  });
  await until('all', () => running.accepted.length === 13);
  expect(running.accepted.map(({ requestType }) => requestType).join(' ')).toMatch(
    /^embed generate rerank (rerank )?embed (rerank )?generate (rerank )?embed/,
  );
});

test('and one that had none but large ones, as soon as there is a place for one of those', async () => {
  let largeLimit = 0;
  const queue = [generation('long', { inputTokens: 5000 })];
  await using running = loop({
    demands: () => [{ ...GENERATE, largeLimit }],
    claim: async ([demand]) => {
      const taken = queue.splice(0, demand!.largeLimit);
      largeLimit -= taken.length;
      return taken;
    },
  });
  await until('an empty look', () => running.asked.length === 1);
  largeLimit = 1;
  running.wakeup.room();
  await until('the large one', () => running.accepted.length === 1);
});

test('and one that had none up to a length, as soon as it may have longer ones', async () => {
  let largest = 768;
  const queue = [generation('longer', { inputTokens: 900 })];
  await using running = loop({
    demands: () => [{ ...GENERATE, largest, largeLimit: 0 }],
    claim: async ([demand]) => (queue[0] && queue[0].inputTokens <= demand!.largest ? queue.splice(0) : []),
  });
  await until('an empty look', () => running.asked.length === 1);
  largest = 1000;
  running.wakeup.room();
  await until('the longer one', () => running.accepted.length === 1);
});

test('a notice that comes during a claim is not lost', async () => {
  const queue: ClaimedRequest[] = [];
  let calls = 0;
  await using running = loop({
    demands: () => [EMBED],
    claim: async () => {
      await null;
      // The request is committed and announced after the claim's snapshot was taken.
      if (++calls === 1) {
        queue.push(claimed());
        running.wakeup.work();
        return [];
      }
      return queue.splice(0);
    },
  });
  await until('the request', () => running.accepted.length === 1);
});

test('what a claim under way brings is accepted when the loop was told to stop meanwhile', async () => {
  const answer = Promise.withResolvers<ClaimedRequest[]>();
  await using running = loop({ demands: () => [EMBED], claim: () => answer.promise });
  await until('the claim', () => running.asked.length === 1);
  running.wakeup.stop();
  const requests = [claimed(), claimed()];
  answer.resolve(requests);
  await running.ended;
  expect(running.accepted).toEqual(requests);
  expect(running.asked).toHaveLength(1);
});

test('a claim that fails is tried again, and not in a tight circle', async () => {
  let calls = 0;
  await using running = loop({
    demands: () => [EMBED],
    claim: async () => {
      if (++calls < 3) throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
      return calls === 3 ? [claimed()] : [];
    },
    slowMs: 20,
  });
  const began = performance.now();
  await until('the request', () => running.accepted.length === 1);
  expect(performance.now() - began).toBeGreaterThan(2 * 15 - 5);
});
