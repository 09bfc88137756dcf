// How large numbers inside a BERT-family encoder can become, from its weights alone: no text is needed to choose the steps
// that they are rounded in. A normalised row z has a length of √hidden at most, so |w·z| ≤ |w|·√hidden (Cauchy–Schwarz).

import type { TensorFile } from '../read/tensor-file.ts';
import { vectorOf } from './weight-pieces.ts';

export interface BertBounds {
  /** Of what a normalisation gives: z × gain + bias. */
  normalised(norm: string): number;
  /** Of a linear layer over what a normalisation gave, its bias added. */
  linear(layer: string, norm: string): number;
}

/** Names are those of the file, without its prefix and without ".weight". */
export function bertBounds(file: TensorFile, prefix: string, hidden: number): BertBounds {
  const length = Math.sqrt(hidden);
  const vectors = (name: string) => ({
    gains: vectorOf(file, `${prefix}${name}.weight`),
    biases: vectorOf(file, `${prefix}${name}.bias`),
  });
  return {
    normalised(norm) {
      const { gains, biases } = vectors(norm);
      return gains.reduce((most, gain, i) => Math.max(most, length * Math.abs(gain) + Math.abs(biases[i]!)), 0);
    },
    linear(layer, norm) {
      const { gains, biases } = vectors(norm);
      const weight = file.rows(`${prefix}${layer}.weight`);
      const added = vectorOf(file, `${prefix}${layer}.bias`);
      const values = weight.read(0, weight.rows);
      let most = 0;
      for (let row = 0; row < weight.rows; row++) {
        let [squares, constant] = [0, added[row]!];
        for (let i = 0, at = row * weight.width; i < weight.width; i++, at++) {
          squares += (values[at]! * gains[i]!) ** 2;
          constant += values[at]! * biases[i]!;
        }
        most = Math.max(most, Math.sqrt(squares) * length + Math.abs(constant));
      }
      return most;
    },
  };
}
