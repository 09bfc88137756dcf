// Runs groups of sequences through an encoder's graph, one result each.

import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { SteadyTextError } from '../../errors.ts';
import { freeNow } from '../free-now.ts';
import type { ReadyMadeGraph } from '../model-folder.ts';
import type { Sequence } from './cut-text.ts';

/** What is used of an onnxruntime session. */
export type EncoderSession = Pick<InferenceSession, 'run' | 'release'>;

export interface EncoderGraph {
  readonly session: EncoderSession;
  /** Numbers of a row of the output. */
  readonly hidden: number;
  /** Whether the graph asks which tokens are no padding. */
  readonly mask: boolean;
  /** Whether the graph asks which of two texts a token belongs to. */
  readonly pairs: boolean;
  readonly output: string;
  /** A row a token, or else one a text. */
  readonly perToken: boolean;
}

/** The graphs that the converter writes. */
export const OWN_GRAPH = { mask: true, output: 'last_hidden_state', perToken: true } as const;

export function readyMadeGraph({ mask, types, output }: ReadyMadeGraph) {
  return { mask, pairs: types, output };
}

/** `read` makes a result of a sequence's rows, padding left out, which are gone afterwards. */
export async function encodeGroup<Result>(
  { session, hidden, mask: masked, pairs, output, perToken }: EncoderGraph,
  group: readonly Sequence[],
  read: (states: Float32Array, tokens: number) => Result,
): Promise<Result[]> {
  const width = Math.max(...group.map(({ ids }) => ids.length));
  const ids = new BigInt64Array(group.length * width);
  const mask = new BigInt64Array(masked ? group.length * width : 0);
  const types = new BigInt64Array(pairs ? group.length * width : 0);
  for (const [row, sequence] of group.entries()) {
    for (const [i, token] of sequence.ids.entries()) {
      ids[row * width + i] = BigInt(token);
      if (masked) mask[row * width + i] = 1n;
    }
    if (pairs) types.fill(1n, row * width + sequence.first, row * width + sequence.ids.length);
  }
  const dims = [group.length, width];
  const results = await session.run({
    input_ids: new Tensor('int64', ids, dims),
    ...(masked && { attention_mask: new Tensor('int64', mask, dims) }),
    ...(pairs && { token_type_ids: new Tensor('int64', types, dims) }),
  });
  const states = results[output]!.data as Float32Array;
  const rows = perToken ? width : 1;
  if (states.length !== group.length * rows * hidden) throw otherSize(output, results[output]!.dims, hidden);
  const made = group.map(({ ids: tokens }, row) => {
    const start = row * rows * hidden;
    return read(states.subarray(start, start + (perToken ? tokens.length : 1) * hidden), tokens.length);
  });
  freeNow(states);
  return made;
}

/** Of a graph that says nothing of its sizes beforehand. */
function otherSize(output: string, dims: readonly number[], hidden: number): SteadyTextError {
  return new SteadyTextError(
    'ModelUnsupported',
    `expected ${output} of the graph to have rows of ${hidden}, got sizes ${dims.join(' × ')}`,
    { hint: 'The settings beside the graph are of another model, or its kind is another. Add it anew.' },
  );
}
