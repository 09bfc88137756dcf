// How well a text model foresees a text: the loss of each window of tokens on its own, which has no past.

import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { DecoderShape, ModelFolder } from '../../../workers/inference/model-folder.ts';
import { readTokenizer } from '../../../workers/inference/text/tokenizer.ts';

export const WINDOW = 256;

export interface WindowLoss {
  /** Sum of -ln p over the tokens that were foreseen: all but the first. */
  readonly loss: number;
  readonly scored: number;
}

/** The first `limit` tokens of the text, in whole windows. */
export async function windowLosses(folder: ModelFolder, text: string, limit: number): Promise<WindowLoss[]> {
  const { tokenizer } = await readTokenizer(folder);
  const ids: number[] = [...tokenizer.encode(text, { add_special_tokens: false }).ids];
  const windows = Math.floor(Math.min(limit, ids.length) / WINDOW);
  const shape = folder.description.shape as DecoderShape;
  const graph = await InferenceSession.create(join(folder.path, 'graph.onnx'), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  try {
    const losses: WindowLoss[] = [];
    for (let i = 0; i < windows; i++) {
      const window = ids.slice(i * WINDOW, (i + 1) * WINDOW);
      const { logits } = await graph.run(feedsOf(window, shape), ['logits']);
      losses.push(lossOf(logits!.data as Float32Array, window));
    }
    return losses;
  } finally {
    await graph.release();
  }
}

/** `logits`: a row a token, of which that of the last foresees nothing. */
export function lossOf(logits: Float32Array, window: readonly number[]): WindowLoss {
  const width = logits.length / window.length;
  let loss = 0;
  for (let i = 0; i + 1 < window.length; i++) {
    const row = logits.subarray(i * width, (i + 1) * width);
    loss += logOfSum(row) - row[window[i + 1]!]!;
  }
  return { loss, scored: window.length - 1 };
}

/** ln Σ eˣ. */
function logOfSum(row: Float32Array): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const value of row) most = Math.max(most, value);
  let sum = 0;
  for (const value of row) sum += Math.exp(value - most);
  return most + Math.log(sum);
}

/** One sequence without a past (convert/graphs/decoder-graph.ts says what each input is). */
function feedsOf(ids: readonly number[], { layers, heads, kvHeads, headSize }: DecoderShape): Record<string, Tensor> {
  const length = ids.length;
  const int64 = (values: readonly number[], dims: readonly number[]) =>
    new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
  const queries = (heads / kvHeads) * length;
  const bias = new Float32Array(queries * length);
  for (let query = 0; query < queries; query++)
    bias.fill(-1e30, query * length + (query % length) + 1, (query + 1) * length);
  const places = Array.from({ length: 2 * kvHeads * length }, (_, i) => [0, Math.floor(i / length), i % length]).flat();
  const order = ids.map((_, i) => i);
  const feeds: Record<string, Tensor> = {
    input_ids: int64(ids, [1, length]),
    position_ids: int64(order, [1, length]),
    sel: int64(order, [length]),
    bias: new Tensor('float32', bias, [1, 1, queries, length]),
    places: int64(places, [1, 2 * kvHeads, length, 3]),
  };
  const size = 2 * kvHeads * length * headSize;
  const recent = new Tensor('float32', new Float32Array(size), [1, 2 * kvHeads, length, headSize]);
  const none = new Tensor('float32', new Float32Array(0), [1, kvHeads, 0, headSize]);
  for (let layer = 0; layer < layers; layer++) {
    feeds[`recent_${layer}`] = recent;
    for (const part of ['key', 'value']) feeds[`past_${part}_${layer}`] = none;
  }
  return feeds;
}
