// A GGUF file as a model that ranks: its answers are looked up, what cannot answer is refused by name, and the same file as a text
// model is another one.

import { expect, test } from 'vitest';
import { openModelFolder } from '../../../workers/inference/convert/folder/open-model-folder.ts';
import { modelDigest } from '../../../workers/inference/store/manifest.ts';
import { type TinyDecoderOptions, tinyDecoder, tinyVocabulary } from './tiny-decoder.ts';
import { convertTiny, rankingSource, textSource } from './tiny-source.ts';

const tiny = (options: TinyDecoderOptions) => tinyDecoder('qwen3', 1, options).bytes;
const { tokens } = tinyVocabulary(false, true);
const reranks = { yes: tokens.indexOf('yes'), no: tokens.indexOf('no') };

test('its folder says by which tokens it answers, and holds the graph of the text model', async () => {
  const bytes = tiny({ answers: true });
  const [ranking, text] = [rankingSource(bytes), textSource(bytes)];
  const folder = await openModelFolder((await convertTiny(ranking, 'nb8')).path);
  const other = await openModelFolder((await convertTiny(text, 'nb8')).path);
  expect(folder.description.shape).toEqual({ ...other.description.shape, reranks });
  expect(folder.description.files).toEqual(other.description.files);
  expect(other.description.shape).not.toHaveProperty('reranks');
  expect(modelDigest(ranking.manifestEntry)).not.toBe(modelDigest(text.manifestEntry));
});

test.for([
  [{}, 'expected "yes" to be a token, by which a decoder that ranks answers, got "y" and "e" and "s"'],
  [{ answers: true, metadata: { 'tokenizer.ggml.merges': ['y e', 'ye s'] } }, '"no" to be a token'],
] as const)('without a token for each answer it is refused: %#', async ([options, message]) => {
  await expect(convertTiny(rankingSource(tiny(options)), 'nb8')).rejects.toMatchObject({
    name: 'ModelUnsupported',
    message: expect.stringContaining(message),
  });
});

test("llama.cpp's head of a reranker may be there, where it has the rows of the whole head", async () => {
  const file = (rankHead: readonly [string, string], tied: boolean) => tiny({ answers: true, tied, rankHead });
  const head = ['yes', 'no'] as const;
  for (const tied of [true, false]) {
    const folder = await convertTiny(rankingSource(file(head, tied)), 'nb8');
    expect(folder.description.shape).toMatchObject({ reranks });
  }
  await expect(convertTiny(rankingSource(file(['no', 'yes'], true)), 'nb8')).rejects.toThrow(
    /has a cls.output.weight of other rows than those of "yes" and "no" in token_embd.weight, and no output.weight/,
  );
  await expect(convertTiny(textSource(file(head, true)), 'nb8')).rejects.toThrow(/has a tensor cls.output.weight/);
});
