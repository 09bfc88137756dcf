// The families of decoders that are known.

import type { DecoderFamily } from './family.ts';
import { llama } from './llama.ts';
import { qwen2 } from './qwen2.ts';
import { qwen3 } from './qwen3.ts';

const FAMILIES: readonly DecoderFamily[] = [llama, qwen2, qwen3];

export const KNOWN_FAMILIES = FAMILIES.map((family) => family.name);

export function decoderFamily(name: string): DecoderFamily | undefined {
  return FAMILIES.find((family) => family.name === name);
}
