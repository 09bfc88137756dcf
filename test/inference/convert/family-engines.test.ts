// An engine runs every family of decoders: what it answers is what the plain computation would, and the same bytes in any company.

import { expect, onTestFinished, test } from 'vitest';
import { createLocalEngine } from '../../../workers/inference/local-engine.ts';
import { readTokenizer } from '../../../workers/inference/text/tokenizer.ts';
import { checkGenerations } from '../engine/determinism.ts';
import { describeFormats } from '../formats.ts';
import { tinyDecoder } from './tiny-decoder.ts';
import { convertTiny, textSource } from './tiny-source.ts';

const FAMILIES = ['llama', 'qwen2', 'qwen3'] as const;
const LONG = 200;
const ANSWER = 12;

const tiny = (family: (typeof FAMILIES)[number]) =>
  tinyDecoder(family, 21, {
    endless: true,
    metadata: { [`${family}.context_length`]: LONG, 'tokenizer.ggml.pre': family === 'llama' ? 'llama-bpe' : 'qwen2' },
  });

test.for(FAMILIES)('a %s answers with the tokens of the highest logits', async (family) => {
  const model = tiny(family);
  const folder = await convertTiny(textSource(model.bytes), 'fp32');
  const engine = createLocalEngine({ slots: 2 });
  onTestFinished(() => engine.close());
  await engine.load(folder);
  const prompt = 'the ring and the inn, 12 on';
  const { tokenizer } = await readTokenizer(folder);
  const ids: number[] = tokenizer.encode(prompt, { add_special_tokens: false }).ids;
  const before = ids.length;
  while (ids.length < before + ANSWER) {
    const logits = model.logits(ids).at(-1)!;
    ids.push(logits.indexOf(Math.max(...logits)));
  }
  const request = { id: 'a', model: 'tiny-text', prompt, stop: [], maxTokens: ANSWER, temperature: 0, seed: 1 };
  expect(await engine.generate(request)).toMatchObject({ text: tokenizer.decode(ids.slice(before)) });
});

describeFormats((format) => {
  test.for(['qwen2', 'qwen3'] as const)('a %s answers with the same bytes in any company', async (family) => {
    const folder = await convertTiny(textSource(tiny(family).bytes), format);
    const [quiet, busy] = [createLocalEngine({ slots: 1, guesses: 0 }), createLocalEngine({ slots: 4 })];
    onTestFinished(() => Promise.all([quiet.close(), busy.close()]).then(() => {}));
    for (const engine of [quiet, busy]) await engine.load(folder);
    const words = ['the', 'ring', 'and', 'inn', 'on', 'x', 'their', '7', 'a', 'bread,', 'q?'];
    await checkGenerations(quiet, busy, 'tiny-text', { runs: 4, mostTokens: 30, words, longest: 40 });
  });
});
