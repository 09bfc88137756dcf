// Runs groups of token ids through an encoder's graph, one vector a text.

import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { freeNow } from '../free-now.ts';
import type { EncoderShape } from '../model-folder.ts';
import { pool } from './pooling.ts';

export async function encodeGroup(
  session: InferenceSession,
  shape: EncoderShape,
  group: readonly (readonly number[])[],
): Promise<Float32Array[]> {
  const width = Math.max(...group.map((ids) => ids.length));
  const ids = new BigInt64Array(group.length * width);
  const mask = new BigInt64Array(group.length * width);
  for (const [row, tokens] of group.entries()) {
    for (const [i, token] of tokens.entries()) {
      ids[row * width + i] = BigInt(token);
      mask[row * width + i] = 1n;
    }
  }
  const dims = [group.length, width];
  const results = await session.run({
    input_ids: new Tensor('int64', ids, dims),
    attention_mask: new Tensor('int64', mask, dims),
  });
  const states = results.last_hidden_state!.data as Float32Array;
  const vectors = group.map((tokens, row) => {
    const start = row * width * shape.hidden;
    return pool(states.subarray(start, start + tokens.length * shape.hidden), tokens.length, shape);
  });
  freeNow(states);
  return vectors;
}
