// How GGUF files store numbers: the kinds that are known, each in a file of types/. Others are refused by name.

import { GGMLQuantizationType } from '@huggingface/gguf';
import { BF16, F16, F32 } from './types/floats.ts';
import type { GgmlType } from './types/ggml-type.ts';
import { Q4_0 } from './types/q4-0.ts';
import { Q4_1 } from './types/q4-1.ts';
import { Q4_K } from './types/q4-k.ts';
import { Q5_K } from './types/q5-k.ts';
import { Q6_K } from './types/q6-k.ts';
import { Q8_0 } from './types/q8-0.ts';

const TYPES: readonly GgmlType[] = [F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q4_K, Q5_K, Q6_K];
const BY_ID = new Map(TYPES.map((type) => [type.id, type]));

export const KNOWN_GGML_TYPES = TYPES.map((type) => type.name);

export function ggmlType(id: number): GgmlType | undefined {
  return BY_ID.get(id);
}

/** The name of any kind, also of those that are refused. */
export function ggmlTypeName(id: number): string {
  return GGMLQuantizationType[id] ?? `number ${id}`;
}
