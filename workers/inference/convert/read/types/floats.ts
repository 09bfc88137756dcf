// F32, F16, BF16: numbers that stand alone.

import { GGMLQuantizationType } from '@huggingface/gguf';
import { decodeBfloat16, decodeFloat32, decodeHalf } from '../half-floats.ts';
import type { GgmlType } from './ggml-type.ts';

export const F32: GgmlType = plain('F32', 4, decodeFloat32);
export const F16: GgmlType = plain('F16', 2, decodeHalf);
export const BF16: GgmlType = plain('BF16', 2, decodeBfloat16);

function plain(name: 'F32' | 'F16' | 'BF16', blockBytes: number, decode: GgmlType['decode']): GgmlType {
  return { name, id: GGMLQuantizationType[name], blockValues: 1, blockBytes, decode };
}
