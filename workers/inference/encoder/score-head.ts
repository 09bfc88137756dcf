// The layers behind a cross-encoder's graph: the first token's vector to one logit, classifier · tanh(dense · x + bias) + bias.
// Done here and not in the graph: a product of one row takes another order of additions there than one of several. In double
// precision and in the order of the numbers; 384 × 384 takes 0.15 ms.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SteadyTextError } from '../../errors.ts';
import type { CrossEncoderShape, ModelFolder } from '../model-folder.ts';

export const HEAD_NAME = 'head.data';

/** From a token vector, which it only reads, to a logit. */
export type ScoreHead = (state: Float32Array) => number;

/** The floats of head.data: dense [hidden, hidden], its biases [hidden], classifier [hidden], its bias. */
export function scoreHead(values: Float32Array, hidden: number): ScoreHead {
  const square = hidden * hidden;
  const biases = values.subarray(square, square + hidden);
  const classifier = values.subarray(square + hidden, square + 2 * hidden);
  const last = values[square + 2 * hidden]!;
  return (state) => {
    let logit = last;
    for (let row = 0, at = 0; row < hidden; row++) {
      let sum = biases[row]!;
      for (let i = 0; i < hidden; i++, at++) sum += values[at]! * state[i]!;
      logit += classifier[row]! * Math.tanh(sum);
    }
    return logit;
  };
}

export function headValues(hidden: number): number {
  return hidden * hidden + 2 * hidden + 1;
}

export async function readScoreHead({ path }: ModelFolder, { hidden }: CrossEncoderShape): Promise<ScoreHead> {
  const bytes = await readFile(join(path, HEAD_NAME));
  const expected = 4 * headValues(hidden);
  if (bytes.length !== expected)
    throw new SteadyTextError(
      'ModelCorrupt',
      `expected ${expected} bytes in ${join(path, HEAD_NAME)}, ${bytes.length} came`,
      { hint: 'Remove the converted model, so that it is made again from its source files.' },
    );
  // A copy of its own: what readFile gives may begin at any byte.
  return scoreHead(new Float32Array(Uint8Array.from(bytes).buffer), hidden);
}
