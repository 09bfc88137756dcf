// Summaries: one step for a text that fits, several levels for one that does not, and what becomes of them when they are cancelled or fail.
import { describe, expect, test } from 'vitest';
import { SteadyTextError } from '../../workers/errors.ts';
import type { Ending } from '../../workers/handlers/handler.ts';
import { summarizeHandler } from '../../workers/handlers/summarize.ts';
import type { GenerateInput, GenerateOutput } from '../../workers/inference/engine.ts';
import { echoEngine } from '../fleet/support/echo-engine.ts';
import { ECHO_TEXT_MODEL } from '../fleet/support/echo-models.ts';
import { claimed } from '../fleet/support/parts.ts';

const request = (prompt: string | null, params: Record<string, unknown> = {}) =>
  claimed({ requestType: 'summarize', model: 'smollm2-135m-instruct', prompt, params });

interface Answering {
  readonly answer?: (input: GenerateInput, n: number) => Partial<GenerateOutput> | Promise<Partial<GenerateOutput>>;
  /** Called when a step begins, with a way to cancel the request. */
  readonly onStep?: (cancel: () => void) => void;
}

/** One summary, by an engine whose answers are given. */
async function summarize(text: string, params: Record<string, unknown> = {}, { answer, onStep }: Answering = {}) {
  const engine = echoEngine();
  const model = await engine.load(ECHO_TEXT_MODEL);
  const asked: GenerateInput[] = [];
  const cancelled: string[] = [];
  let atOnce = 0;
  let most = 0;
  let stop = () => {};
  const answering = {
    ...engine,
    cancel: (id: string) => void cancelled.push(id),
    async generate(input: GenerateInput): Promise<GenerateOutput> {
      const n = asked.push(input) - 1;
      most = Math.max(most, ++atOnce);
      onStep?.(() => stop());
      await new Promise((resolve) => setImmediate(resolve));
      try {
        return { text: `S${n}.`, tokensIn: 100, tokensOut: 10, finish: 'end', ...(await answer?.(input, n)) };
      } finally {
        atOnce--;
      }
    },
  };
  let ending: Ending | undefined;
  const attempt = {
    id: 'request',
    input: summarizeHandler.parse(request(text, params)),
    onCancel: (its: () => void) => {
      stop = its;
    },
  };
  const settle = (_: unknown, its: Ending) => {
    ending = its;
  };
  await summarizeHandler.run([attempt], { engine: answering, model, origin: { model: model.name } }, settle, () => {});
  return { ending, asked, cancelled, most };
}

test('a short text is one generation, told what is asked first', async () => {
  const { ending, asked } = await summarize(' The text. ', { max_tokens: 40, seed: 3 });
  expect(asked).toEqual([
    {
      ...{ id: 'request/1', model: 'smollm2-135m-instruct', maxTokens: 40, stop: [], temperature: 0, seed: 3 },
      prompt: 'Summarize this text in two or three sentences. Say only what it says.\n\nText:\nThe text.',
    },
  ]);
  expect(ending).toMatchObject({
    ...{ outcome: 'completed', result: 'S0.', tokensIn: 100, tokensOut: 10 },
    receipt: {
      chunks: 1,
      levels: 1,
      finish: 'end',
      parameters: { max_tokens: 40, seed: 3 },
      tokens_in: 100,
      tokens_out: 10,
    },
  });
});

test('what is known of it stands before the text', async () => {
  const { ending, asked } = await summarize('Text', { metadata: { source: 'a log', rows: 3 } });
  expect(asked[0]!.prompt).toMatch(/\n\nAbout the text:\nsource: a log\nrows: 3\n\nText:\nText$/);
  expect(ending!.receipt!.parameters).toEqual({
    max_tokens: 128,
    seed: 42,
    context_sha256: expect.stringMatching(/^\w{64}$/),
  });
  expect(ending!.receipt!.parameters).not.toEqual((await summarize('Text')).ending!.receipt!.parameters);
});

test('a long text is summarised in parts, two at a time, and their summaries as a text', async () => {
  const { ending, asked, most } = await summarize('x'.repeat(1500), { max_tokens: 300 });
  expect(asked.map(({ id, maxTokens }) => [id, maxTokens])).toEqual([
    ['request/1.0', 96],
    ['request/1.1', 96],
    ['request/1.2', 96],
    ['request/2', 300],
  ]);
  expect(most).toBe(2);
  expect(asked[3]!.prompt).toMatch(/\n\nText:\nS0\.\n\nS1\.\n\nS2\.$/);
  expect(ending).toMatchObject({ result: 'S3.', tokensIn: 400, tokensOut: 40, receipt: { chunks: 3, levels: 2 } });
});

test('in as many levels as it takes', async () => {
  const { ending, asked } = await summarize(
    'x'.repeat(512 * 30),
    {},
    { answer: () => ({ text: `${'y'.repeat(94)}.` }) },
  );
  // 30 parts, 30 × 95 letters and 29 × 2 between them: 6, then 580: 2, then one prompt.
  expect(asked).toHaveLength(30 + 6 + 2 + 1);
  expect(ending!.receipt).toMatchObject({ chunks: 30, levels: 4 });
});

test.each([
  ['It is. So. Cut', 'length', 'It is. So.'],
  ['It is. So.', 'length', 'It is. So.'],
  ['Only one that is cut', 'length', 'Only one that is cut'],
  ['It is. No end', 'end', 'It is. No end'],
] as const)('of %j, ended by %s, whole sentences stay', async (text, finish, result) => {
  const { ending } = await summarize('Text', {}, { answer: () => ({ text, finish }) });
  expect(ending).toMatchObject({ result, receipt: { finish } });
});

describe('a cancel', () => {
  test('ends what runs, and nothing more is begun', async () => {
    const { ending, asked, cancelled } = await summarize(
      'x'.repeat(5000),
      {},
      {
        onStep: (cancel) => setImmediate(cancel),
        answer: () => new Promise((resolve) => setTimeout(() => resolve({ finish: 'cancelled' }), 5)),
      },
    );
    expect(ending).toBeUndefined();
    expect(asked).toHaveLength(2);
    expect(new Set(cancelled)).toEqual(new Set(['request/1.0', 'request/1.1']));
  });

  test('of the last step leaves it unsettled too', async () => {
    const { ending } = await summarize(
      'x',
      {},
      { onStep: (cancel) => cancel(), answer: () => ({ finish: 'cancelled' }) },
    );
    expect(ending).toBeUndefined();
  });
});

describe('what fails', () => {
  test('ends the other steps, and is thrown when they have ended', async () => {
    const failing = summarize(
      'x'.repeat(5000),
      {},
      {
        answer: (_, n) => (n === 1 ? Promise.reject(new SteadyTextError('EngineTooSmall', 'no room')) : {}),
      },
    );
    await expect(failing).rejects.toThrow('no room');
  });

  test('answers of nothing are no summary', async () => {
    await expect(summarize('x'.repeat(5000), {}, { answer: () => ({ text: ' ' }) })).rejects.toThrow(
      /expected summaries/,
    );
  });
});

test.each([
  [{ max_tokens: 0 }, 'max_tokens: expected at least 1, got 0'],
  [{ metadata: [] }, 'metadata: expected an object, got an array'],
])('refuses %j in one sentence', (params, message) => {
  expect(() => summarizeHandler.parse(request('x', params))).toThrow(message);
});

test('has few places, and fewer for what has several parts', () => {
  const model = (tokenBytes: number | null) => ({ tokenBytes, concurrent: 5 }) as never;
  const config = { generateSlots: 8, embedBatch: 32, kvCacheMb: 90 };
  const places = (bytes: number | null, kvCacheMb = 90) =>
    summarizeHandler.capacity({ ...config, kvCacheMb }, model(bytes));
  expect(places(46_080)).toEqual({ perEngine: 2, perCall: 1, large: { above: 768, perEngine: 1 } });
  expect(places(46_080, 900)).toMatchObject({ perEngine: 3, large: { perEngine: 2 } });
  expect(places(null)).toEqual({ perEngine: 5, perCall: 1 });
});
