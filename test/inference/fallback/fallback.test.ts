// Words in place of an answer: the same for the same prompt, bounded, and for nothing but texts.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fallbackEngine, fallbackModel } from '../../../workers/inference/fallback/fallback-engine.ts';
import { fallbackText } from '../../../workers/inference/fallback/fallback-text.ts';

const ask = (more: object = {}) =>
  fallbackEngine.generate({
    ...{ id: 'a', model: 'm', prompt: 'a prompt', maxTokens: 512, stop: [], temperature: 0, seed: 1 },
    ...more,
  });

test('the words follow from the prompt, and are those of every release', () => {
  const { text, words, cut } = fallbackText('Name three primary colours.', 512);
  expect(text).toBe(fallbackText('Name three primary colours.', 512).text);
  expect(text).toMatch(/^No model was there to answer this\. [a-z ]+$/);
  expect({ words, cut }).toEqual({ words: text.split(' ').length, cut: false });
  expect(text.slice(34, 80)).toMatchInlineSnapshot(`" bring empty around always behind draw look br"`);
});

test('prompts that differ have other words, 40 to 80 of them, and never more than there may be', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.integer({ min: 1, max: 200 }), (one, other, most) => {
      const { text, words, cut } = fallbackText(one, most);
      expect(words).toBeLessThanOrEqual(Math.min(80, most));
      if (!cut) expect(words).toBeGreaterThanOrEqual(40);
      if (one !== other) expect(fallbackText(other, 512).text).not.toBe(fallbackText(one, 512).text);
      expect(fallbackText(one, 512).text.startsWith(text)).toBe(true);
    }),
  );
});

test('an answer ends before a stop text, and where its tokens run out', async () => {
  const whole = await ask();
  expect(whole).toMatchObject({ finish: 'end', tokensIn: 2, tokensOut: whole.text.split(' ').length });
  expect(await ask({ seed: 2, temperature: 1 })).toEqual(whole);
  expect(await ask({ maxTokens: 3 })).toMatchObject({ text: 'No model was', finish: 'length', tokensOut: 3 });
  expect(await ask({ stop: ['', ' to answer', ' there'] })).toMatchObject({
    text: 'No model was',
    finish: 'stop',
    tokensOut: 3,
  });
});

test('a text of any length is one part: of several the words would tell no more', async () => {
  const text = 'a sentence. '.repeat(1000);
  expect(await fallbackEngine.divide({ model: 'm', text, most: 1 })).toEqual({ parts: [text] });
});

test('nothing is made up that would have to be true: no forms, no vectors, no scores', async () => {
  await expect(ask({ constraint: { kind: 'choices', choices: ['yes', 'no'] } })).rejects.toMatchObject({
    name: 'InvalidInput',
    message: 'expected no schema, pattern or choices: m could not be loaded',
  });
  const refused = { name: 'InvalidInput', message: expect.stringContaining('neither vectors nor scores') };
  await expect(fallbackEngine.embed({ model: 'm', texts: ['a'] })).rejects.toMatchObject(refused);
  await expect(fallbackEngine.rerank({ model: 'm', query: 'q', documents: ['d'] })).rejects.toMatchObject(refused);
  expect(fallbackModel('m')).toMatchObject({ kind: 'text', digest: null });
});
