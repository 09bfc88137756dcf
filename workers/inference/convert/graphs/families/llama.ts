// Llama, SmolLM2, Mistral: the conversion to GGUF reorders their query and key rows for a rotation of neighbours.

import type { DecoderFamily } from './family.ts';

export const llama: DecoderFamily = { name: 'llama', turns: 'neighbours', biases: false, headNorms: false };
