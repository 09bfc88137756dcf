// An encoder for each kind of numbers that is known, by its name.

import * as blocks from './ggml-encoders.ts';
import * as superBlocks from './k-quant-encoders.ts';

export const ENCODERS: Readonly<Record<string, blocks.Encoder>> = {
  F32: blocks.encodeF32,
  F16: blocks.encodeF16,
  BF16: blocks.encodeBF16,
  Q8_0: blocks.encodeQ80,
  Q4_0: blocks.encodeQ40,
  Q4_1: blocks.encodeQ41,
  Q4_K: superBlocks.encodeQ4K,
  Q5_K: superBlocks.encodeQ5K,
  Q6_K: superBlocks.encodeQ6K,
};
