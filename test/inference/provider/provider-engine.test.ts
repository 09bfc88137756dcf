// A provider that behaves: what it is asked and what comes of it, cancels, its turns, and when it is left alone. The conformance
// suite of engines is not for it: that loads folders, compares bytes of equal requests, and has constraints, which are refused here.

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  afterAnswer,
  afterFailure,
  CLOSED,
  callsAtOnce,
  isResting,
  restMs,
  retryAfterMs,
} from '../../../workers/inference/provider/circuit-policy.ts';
import { shareTokens } from '../../../workers/inference/provider/share-tokens.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type Answer, completion, json, status, well } from './support/provider-server.ts';
import { KEY, started } from './support/started.ts';

const silence: Answer = () => undefined;

describe('asks and answers', () => {
  test('a text', async () => {
    const { server, generate } = await started();
    expect(await generate('hello', { stop: ['.'], topP: 0.5, temperature: 0.7, topK: 0 })).toEqual({
      ...{ text: 'HELLO', tokensIn: 5, tokensOut: 7, finish: 'end', answeredBy: 'big-2026-01-01' },
    });
    const [{ path, headers, body }] = server.asked as [(typeof server.asked)[number]];
    expect([path, headers.authorization]).toEqual(['/v1/chat/completions', `Bearer ${KEY}`]);
    expect(body).toEqual({
      ...{ model: 'big', messages: [{ role: 'user', content: 'hello' }], max_tokens: 20, temperature: 0.7, seed: 42 },
      ...{ stop: ['.'], top_p: 0.5, stream: false },
    });
  });

  test('a text that ended with its tokens, of a model that is not named', async () => {
    const choices = [{ message: { content: 'a' }, finish_reason: 'length' }];
    const { generate } = await started((_, response) => json(response, completion('', { choices, model: undefined })));
    expect(await generate()).toEqual({ text: 'a', tokensIn: 5, tokensOut: 7, finish: 'length' });
  });

  test('vectors by their index, 64 texts a call, and the tokens of a call by the lengths of its texts', async () => {
    const { server, embed } = await started();
    const texts = Array.from({ length: 70 }, (_, i) => 'x'.repeat(i + 1));
    const { vectors, tokens, answeredBy } = await embed(texts);
    expect(vectors.map(([first]) => first)).toEqual(texts.map(({ length }) => length));
    expect(vectors[0]).toEqual(Float32Array.of(1, 0.5, -1));
    expect(server.asked.map(({ path, body }) => [path, body.input.length])).toEqual([
      ['/v1/embeddings', 64],
      ['/v1/embeddings', 6],
    ]);
    expect(tokens.reduce((sum, count) => sum + count)).toBe(700);
    expect(answeredBy).toBe('vectors-3');
  });

  test('parts of a text by an estimate of its tokens, without being asked', async () => {
    const { server, engine } = await started();
    const text = 'Words of a sentence. '.repeat(100);
    const { parts } = await engine.divide({ model: 'test:big', text, most: 200 });
    expect([parts.length, parts.join('') === text, server.asked]).toEqual([4, true, []]);
  });

  test('no key goes where none is configured', async () => {
    const { server, generate } = await started(well, { key_env: undefined });
    await generate();
    expect(server.asked[0]!.headers).not.toHaveProperty('authorization');
  });

  test.each([
    ['a schema', { constraint: { kind: 'choice', choices: ['a'] } }, /a schema, pattern or choices/],
    ['min_tokens', { minTokens: 2 }, /min_tokens/],
    ['top_k', { topK: 3 }, /top_k/],
  ])('%s is refused, and nothing is sent', async (_what, more, message) => {
    const { server, generate } = await started();
    await expect(generate('a', more)).rejects.toMatchObject({ name: 'InvalidInput', message });
    expect(server.asked).toEqual([]);
  });

  test('and so are shortened vectors, averages, and rerankings', async () => {
    const { server, engine, embed } = await started();
    await expect(embed(['a'], { dimension: 2 })).rejects.toMatchObject({ name: 'InvalidInput' });
    for (const longTexts of ['refuse', 'average'])
      await expect(embed(['a'], { longTexts })).rejects.toMatchObject({ name: 'InvalidInput' });
    await expect(engine.rerank()).rejects.toMatchObject({ name: 'InvalidInput' });
    expect(server.asked).toEqual([]);
  });

  test('tokens are shared by length', () => {
    expect(shareTokens(10, ['aaa', 'a'])).toEqual([8, 2]);
    expect(shareTokens(10, ['aaa'])).toEqual([10]);
    expect(shareTokens(2, ['a', 'a', 'a', 'a'])).toEqual([1, 0, 1, 0]);
  });
});

describe('ends', () => {
  test('a cancel ends the call at the provider', async () => {
    const { server, engine, generate } = await started(silence, { timeout_seconds: 60 });
    const answer = generate('a', { id: 'mine' });
    await waitFor(() => server.asked.length === 1, 'the call to come', 5000);
    engine.cancel('mine');
    expect(await answer).toMatchObject({ finish: 'cancelled' });
    await waitFor(() => server.open === 0, 'the connection to end', 5000);
  });

  test('of texts that share a call those that are cancelled have no vector, and with the last one the call ends', async () => {
    const go = Promise.withResolvers<void>();
    const { server, engine, embed } = await started(
      async (asked, response) => {
        await go.promise;
        well(asked, response);
      },
      { timeout_seconds: 60 },
    );
    const [some, all] = [embed(['a', 'bb'], { ids: ['1', '2'] }), embed(['c', 'd'], { ids: ['3', '4'] })];
    await waitFor(() => server.asked.length === 2, 'the calls to come', 5000);
    for (const id of ['1', '3', '4']) engine.cancel(id);
    expect(await all).toMatchObject({ cancelled: [true, true] });
    await waitFor(() => server.open === 1, 'one connection to end', 5000);
    go.resolve();
    const { vectors, cancelled } = await some;
    expect(cancelled).toEqual([true, false]);
    expect(vectors.map(({ length }) => length)).toEqual([0, 3]);
  });

  test('closing rejects what runs and what waits with EngineDied', async () => {
    const { server, engine, generate } = await started(silence, { concurrent: 1, timeout_seconds: 60 });
    const calls = [generate(), generate()];
    await waitFor(() => server.asked.length === 1, 'the first call to come', 5000);
    engine.close();
    for (const call of calls) await expect(call).rejects.toMatchObject({ name: 'EngineDied' });
  });

  test('no more calls are under way than configured, and one that is cancelled as it waits is never sent', async () => {
    const going: (() => void)[] = [];
    const answer: Answer = async (asked, response) => {
      await new Promise<void>((resolve) => void going.push(resolve));
      well(asked, response);
    };
    const { server, engine, generate } = await started(answer, { concurrent: 2, timeout_seconds: 60 });
    const calls = ['a', 'b', 'c', 'd'].map((prompt) => generate(prompt, { id: prompt }));
    await waitFor(() => going.length === 2, 'two calls to come', 5000);
    engine.cancel('c');
    expect(await calls[2]).toMatchObject({ finish: 'cancelled' });
    await sleep(50);
    expect(server.asked).toHaveLength(2);
    going[0]!();
    await waitFor(() => going.length === 3, 'the next call to come', 5000);
    for (const go of going) go();
    await Promise.all(calls);
    expect(server.asked.map(({ body }) => body.messages[0].content)).toEqual(['a', 'b', 'd']);
  });
});

describe('is left alone', () => {
  test('after five failures in a row: what waits and what comes is not sent; what was asked for ends it in time', async () => {
    const parts = await started(status(500), { concurrent: 5, timeout_seconds: 60 });
    const { server, engine, generate, rests } = parts;
    const calls = await Promise.allSettled(Array.from({ length: 7 }, () => generate()));
    expect(calls.slice(0, 5)).toEqual(
      Array(5).fill({ status: 'rejected', reason: expect.objectContaining({ retryAfterMs: null }) }),
    );
    // The sixth goes when the first of five has failed; four failures later nothing goes any more.
    expect(rests).toEqual([{ restMs: 5000, reason: 'test answered 500' }]);
    expect(engine.resting).toBe(true);
    const sent = server.asked.length;
    await expect(generate()).rejects.toMatchObject({ message: 'test is left alone for a while' });
    expect(server.asked).toHaveLength(sent);
  });

  test('an answer between failures begins the count anew, and so does one that refuses', async () => {
    let nth = 0;
    const answers = [500, 500, 500, 500, 200, 500, 500, 500, 500, 404, 500];
    const { generate, rests } = await started((asked, response) => {
      const code = answers[nth++]!;
      return code === 200 ? well(asked, response) : status(code)(asked, response);
    });
    for (const _ of answers) await generate().catch(() => undefined);
    expect([nth, rests]).toEqual([answers.length, []]);
  });

  test('as long as it asked to be, then it is asked again', async () => {
    const { server, engine, generate, rests, restsOver } = await started(status(429, { 'retry-after': '0.2' }));
    await expect(generate()).rejects.toMatchObject({ name: 'ProviderFailed' });
    expect(rests).toEqual([{ restMs: 200, reason: 'test answered 429' }]);
    expect(engine.resting).toBe(true);
    server.answer = well;
    await waitFor(() => restsOver() === 1, 'the rest to end', 5000);
    expect(engine.resting).toBe(false);
    expect(await generate()).toMatchObject({ text: 'HELLO' });
  });

  test('numbers: one call after a rest, longer rests while that fails, and all calls once it is answered', () => {
    expect([1, 4, 5, 6, 7, 8, 9, 99].map(restMs)).toEqual([0, 0, 5000, 10_000, 20_000, 40_000, 60_000, 60_000]);
    let state = CLOSED;
    for (let i = 0; i < 4; i++) state = afterFailure(state, 0, null);
    expect(callsAtOnce(state, 0, 8)).toBe(8);
    state = afterFailure(state, 0, null);
    expect([isResting(state, 4999), callsAtOnce(state, 4999, 8), callsAtOnce(state, 5000, 8)]).toEqual([true, 0, 1]);
    // Sent before the rest, it is no news.
    expect(afterFailure(state, 100, null)).toBe(state);
    const again = afterFailure(state, 5000, null);
    expect([isResting(again, 14_999), callsAtOnce(again, 15_000, 8)]).toEqual([true, 1]);
    expect(callsAtOnce(afterAnswer(state), 5000, 8)).toBe(8);
    // A late answer does not end a rest that was asked for.
    expect(isResting(afterAnswer(afterFailure(CLOSED, 0, 700)), 600)).toBe(true);
    expect(afterFailure(CLOSED, 0, 700).failures).toBe(0);
  });

  test.each([
    ['2', 2000],
    ['1.5', 1500],
    [' 0 ', 0],
    ['86400', 600_000],
    ['Fri, 27 Nov 2026 12:00:30 GMT', 30_000],
    ['Fri, 27 Nov 2026 11:59:00 GMT', 0],
    ['Sat, 28 Nov 2026 12:00:00 GMT', 600_000],
    ['-5', null],
    ['soon', null],
    ['', null],
    [null, null],
  ])('retry-after: %s', (header, ms) => {
    expect(retryAfterMs(header, Date.parse('2026-11-27T12:00:00Z'))).toBe(ms);
  });
});
