// Runs groups of sequences through an encoder's graph, one result each.

import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { freeNow } from '../free-now.ts';
import type { Sequence } from './cut-text.ts';

export interface EncoderGraph {
  readonly session: InferenceSession;
  readonly hidden: number;
  /** Whether the graph asks which of two texts a token belongs to. */
  readonly pairs: boolean;
}

/** `read` makes a result of a sequence's token vectors, padding left out, which are gone afterwards. */
export async function encodeGroup<Result>(
  { session, hidden, pairs }: EncoderGraph,
  group: readonly Sequence[],
  read: (states: Float32Array, tokens: number) => Result,
): Promise<Result[]> {
  const width = Math.max(...group.map(({ ids }) => ids.length));
  const ids = new BigInt64Array(group.length * width);
  const mask = new BigInt64Array(group.length * width);
  const types = new BigInt64Array(pairs ? group.length * width : 0);
  for (const [row, sequence] of group.entries()) {
    for (const [i, token] of sequence.ids.entries()) {
      ids[row * width + i] = BigInt(token);
      mask[row * width + i] = 1n;
    }
    if (pairs) types.fill(1n, row * width + sequence.first, row * width + sequence.ids.length);
  }
  const dims = [group.length, width];
  const results = await session.run({
    input_ids: new Tensor('int64', ids, dims),
    attention_mask: new Tensor('int64', mask, dims),
    ...(pairs && { token_type_ids: new Tensor('int64', types, dims) }),
  });
  const states = results.last_hidden_state!.data as Float32Array;
  const made = group.map(({ ids: tokens }, row) => {
    const start = row * width * hidden;
    return read(states.subarray(start, start + tokens.length * hidden), tokens.length);
  });
  freeNow(states);
  return made;
}
