// Qwen 3: no biases, but every head is normalised before it is turned. Its heads are 128 numbers whatever the width of the model.
// Heads are no part of the residual stream, so these gains stay in rotated coordinates what they were.

import type { DecoderFamily } from './family.ts';

export const qwen3: DecoderFamily = { name: 'qwen3', turns: 'halves', biases: false, headNorms: true };
