// A provider that misbehaves: each way ends as an error of ours in time, and neither the key nor a text is in any of them.

import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ProviderFailure } from '../../../workers/inference/provider/provider-failure.ts';
import { type Answer, completion, embeddings, json, startProvider, status, well } from './support/provider-server.ts';
import { rotatingKey } from './support/rotating-key.ts';
import { KEY, readOne, started } from './support/started.ts';

const SECRET_PROMPT = 'a prompt that nobody else should read';
const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => expect.unreachable('it should have failed'),
    (error) => error,
  );
/** What a server that quotes everything says. */
const echo = { code: KEY, type: SECRET_PROMPT, message: `${KEY} ${SECRET_PROMPT}` };

const drip: Answer = async (_asked, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  while (!response.destroyed) {
    response.write(' ');
    await sleep(20);
  }
};
const reset: Answer = (_asked, response) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('{"choices": [', () => response.socket!.resetAndDestroy());
};
const cut: Answer = (_asked, response) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('{"choices": [', () => response.destroy());
};
const huge: Answer = async (_asked, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const piece = 'x'.repeat(1 << 20);
  for (let i = 0; i < 20 && !response.destroyed; i++) {
    response.write(piece);
    await sleep(1);
  }
  response.end();
};
const garbage =
  (text: string | Buffer): Answer =>
  (_asked, response) =>
    response.end(text);
const says =
  (value: unknown): Answer =>
  (_asked, response) =>
    json(response, value);

describe('may go better later', () => {
  test.each<[string, Answer, RegExp]>([
    ['429', status(429, {}, echo), /^test answered 429$/],
    ['500', status(500, {}, { type: 'server_error' }), /^test answered 500 \(server_error\)$/],
    ['502 with a page', (_, response) => response.writeHead(502).end('<html>'), /^test answered 502$/],
    ['503', status(503, {}, echo), /^test answered 503$/],
    ['408', status(408), /^test answered 408$/],
    ['nothing at all', () => undefined, /^test did not answer within 0\.3 s$/],
    ['a body byte by byte', drip, /^test did not answer within 0\.3 s$/],
    ['a reset within the body', reset, /^test ended its answer before its end \(/],
    ['a body that is cut', cut, /^test ended its answer before its end \(/],
    ['a closed connection', (_, response) => response.destroy(), /^test could not be reached \(/],
    ['too much', huge, /^test answered with more than 8388608 bytes$/],
    ['garbage', garbage(`{"${KEY}`), /^test answered with something else than JSON$/],
    ['bytes that are no text', garbage(Buffer.from([0x22, 0xff, 0x22])), /than JSON$/],
    ['an empty body', garbage(''), /than JSON$/],
    ['null', says(null), /than a chat completion \(all of it\)$/],
    ['another shape', says({ answer: SECRET_PROMPT }), /than a chat completion \(choices\)$/],
    ['two choices', says(completion('a', { choices: Array(2).fill(completion('a').choices[0]) })), /\(choices\)$/],
    ['a number for a text', says(completion(7)), /\(choices\.0\.message\.content\)$/],
    ['no text', says(completion(null)), /^test answered with no text$/],
    ['a NUL', says(completion('a\0b')), /^test answered with a NUL character$/],
    ['no count of tokens', says(completion('a', { usage: undefined })), /\(usage\)$/],
    [
      'a strange count',
      says(completion('a', { usage: { prompt_tokens: -1, completion_tokens: 1 } })),
      /prompt_tokens\)$/,
    ],
    ['a strange model', says(completion('a', { model: 'a\0b' })), /\(model\)$/],
  ])('a text: %s', async (what, answer, message) => {
    // Eight megabytes take their time on a busy machine.
    const { generate } = await started(answer, what === 'too much' ? { timeout_seconds: 10 } : {});
    const error = await failureOf(generate(SECRET_PROMPT));
    expect(error).toBeInstanceOf(ProviderFailure);
    expect(error.message).toMatch(message);
    expect(JSON.stringify([error.message, error.stack, error.cause, error.hint])).not.toMatch(
      /very_secret|nobody else/,
    );
  });

  const vector = (embedding: unknown) => says(embeddings([], { data: [{ index: 0, embedding }] }));
  test.each<[string, Answer, RegExp]>([
    ['too few', says(embeddings([])), /^test answered with 0 embeddings for 1 texts$/],
    ['too many', says(embeddings(['a', 'b'])), /^test answered with 2 embeddings for 1 texts$/],
    ['of another text', says(embeddings([], { data: [{ index: 1, embedding: [1, 2, 3] }] })), /not one a text$/],
    ['of another length', vector([1, 2]), /2 numbers a vector, its dimension is configured as 3$/],
    ['with a text', vector([1, '2', 3]), /finite numbers$/],
    ['with null, which stands for NaN', vector([1, null, 3]), /finite numbers$/],
    ['with NaN', garbage('{"data":[{"index":0,"embedding":[1,NaN,3]}],"usage":{"prompt_tokens":1}}'), /than JSON$/],
    ['with a number that floats cannot hold', vector([1, 1e39, 3]), /finite numbers$/],
    ['of zeros', vector([0, -0, 0]), /a vector of zeros$/],
    ['in base64', vector('AACAPw=='), /than embeddings \(data\.0\.embedding\)$/],
  ])('vectors: %s', async (_what, answer, message) => {
    const { embed } = await started(answer);
    const error = await failureOf(embed(['ab']));
    expect(error).toBeInstanceOf(ProviderFailure);
    expect(error.message).toMatch(message);
  });

  test('twice the vector of one of two texts', async () => {
    const { embed } = await started(says(embeddings([], { data: Array(2).fill({ index: 0, embedding: [1, 2, 3] }) })));
    expect((await failureOf(embed(['a', 'b']))).message).toMatch(/not one a text$/);
  });

  test('nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const { generate } = await started(well, { url: `http://127.0.0.1:${port}` });
    expect((await failureOf(generate())).message).toBe('test could not be reached (ECONNREFUSED)');
  });
});

describe('will not go better', () => {
  test.each([
    [400, 'InvalidInput', { code: 'context_length_exceeded' }, 'test answered 400 (context_length_exceeded)'],
    [413, 'InvalidInput', echo, 'test answered 413'],
    [422, 'InvalidInput', {}, 'test answered 422'],
    [401, 'ProviderRefused', echo, 'test answered 401: it does not take the key from the variable TEST_KEY for this'],
    [403, 'ProviderRefused', echo, 'test answered 403: it does not take the key from the variable TEST_KEY for this'],
    [404, 'ProviderRefused', { code: 'model_not_found' }, 'test answered 404 (model_not_found)'],
  ])('%i', async (code, name, error, message) => {
    const { generate } = await started(status(code, {}, error));
    expect(await failureOf(generate(SECRET_PROMPT))).toMatchObject({ name, message });
  });

  test('what a filter lets not through', async () => {
    const choices = [{ message: { content: null }, finish_reason: 'content_filter' }];
    const { generate } = await started(says(completion('', { choices })));
    expect(await failureOf(generate())).toMatchObject({ name: 'InvalidInput', message: /content filter of test/ });
  });

  test.each([301, 302, 307, 308])('a redirect (%i): the other place gets neither key nor prompt', async (code) => {
    const other = await startProvider();
    const { generate } = await started(status(code, { location: `${other.url}/chat/completions` }));
    expect(await failureOf(generate())).toMatchObject({ name: 'ProviderRefused', message: /a redirect, which is not/ });
    expect(other.asked).toEqual([]);
  });

  test('no key where one is asked for', async () => {
    const { generate } = await started(status(401), { key_env: undefined });
    expect((await failureOf(generate())).message).toBe('test answered 401: no key is configured for it');
  });
});

test('retry-after of 429 and 503, in seconds or as a time, is kept to; of others it is not', async () => {
  const inThirty = new Date(Date.now() + 31_000).toUTCString();
  for (const code of [429, 503]) {
    for (const header of ['30', inThirty]) {
      const { generate, rests } = await started(status(code, { 'retry-after': header }));
      await failureOf(generate());
      expect(rests).toHaveLength(1);
      expect(rests[0]!.restMs).toBeGreaterThan(25_000);
      expect(rests[0]!.restMs).toBeLessThanOrEqual(31_000);
    }
  }
  const { generate, rests } = await started(status(500, { 'retry-after': '30' }));
  await failureOf(generate());
  expect(rests).toEqual([]);
});

test('a key whose file is gone, empty, or no key is not sent, and asked for again with the next call', async () => {
  const server = await startProvider();
  const { provider, write, remove } = rotatingKey(server.url);
  await write(`  ${KEY}\n`);
  await provider.generate('a');
  await write('sk-next');
  await provider.generate('b');
  expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${KEY}`, 'Bearer sk-next']);
  for (const [text, why] of [
    ['', /which is empty/],
    [`${KEY}\nanother`, /holds spaces or other/],
  ] as const) {
    await write(text);
    const error = await failureOf(provider.generate('c'));
    expect(error).toMatchObject({ name: 'ProviderFailed', message: why });
    expect(error.message).not.toContain(KEY);
  }
  await remove();
  expect((await failureOf(provider.generate('d'))).message).toMatch(
    /^expected a key in the file \S+, which cannot be read \(ENOENT\)$/,
  );
  expect(server.asked).toHaveLength(2);
});

test('what is read of the file never holds a key', () => {
  expect(JSON.stringify(readOne('http://127.0.0.1:1'))).not.toContain(KEY);
});
