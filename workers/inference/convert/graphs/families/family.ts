// What one family of decoders has that another has not. All are written as one graph (../decoder-graph.ts): normalise, attend with
// rotated queries and keys, add, normalise, feed forward, add. A family is a file beside this one and a line in families.ts.

import type { DecoderShape } from '../../../model-folder.ts';

export interface DecoderFamily {
  /** `general.architecture` of its GGUF files, and what their keys begin with. */
  readonly name: DecoderShape['architecture'];
  /**
   * Which numbers of a head turn together, as the rows of its query and key matrices lie in the file: neighbours (2i, 2i+1), or
   * halves (i, i + headSize/2). The graph turns halves; rows of neighbours are put in that order.
   */
  readonly turns: 'neighbours' | 'halves';
  /** Whether queries, keys and values have biases. */
  readonly biases: boolean;
  /** Whether each head of the queries and of the keys is normalised before it is turned, with gains that all heads share. */
  readonly headNorms: boolean;
}
