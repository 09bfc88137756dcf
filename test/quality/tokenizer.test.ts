// The tokenizer written from a GGUF file gives the ids that llama.cpp gives: smollm2-tokens.json was made with
// node-llama-cpp 3.22.1 (`model.tokenize(text, true)`) from the same file.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readTokenizer } from '../../workers/inference/text/tokenizer.ts';
import { FETCH_TIMEOUT_MS, realModel } from './real-models.ts';

const expected: { text: string; ids: number[] }[] = JSON.parse(
  readFileSync(new URL('smollm2-tokens.json', import.meta.url), 'utf8'),
);

test('texts of many kinds have the ids of llama.cpp, and come back from them', {
  timeout: FETCH_TIMEOUT_MS,
}, async () => {
  const { tokenizer } = await readTokenizer(await realModel('smollm2-135m-instruct', 'nb8'));
  expect(expected.length).toBeGreaterThan(200);
  const found = expected.map(({ text }) => ({
    text,
    ids: [...tokenizer.encode(text, { add_special_tokens: false }).ids],
  }));
  expect(found).toEqual(expected);
  for (const { text, ids } of expected.filter(({ ids }) => ids.length > 0))
    expect(tokenizer.decode(ids, { skip_special_tokens: false })).toBe(text);
});
