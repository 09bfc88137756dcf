// The tiny decoder of most tests: one of the llama family.

import { type TinyDecoder, type TinyDecoderOptions, tinyDecoder } from './tiny-decoder.ts';

export { tinyVocabulary } from './tiny-decoder.ts';
export type TinyLlamaOptions = TinyDecoderOptions;
export type TinyLlama = TinyDecoder;

export function tinyLlama(seed: number, options: TinyLlamaOptions = {}): TinyLlama {
  return tinyDecoder('llama', seed, options);
}
