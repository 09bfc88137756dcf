// The layers that hold nearly all weights, linear layers and embedding tables, in each number format.

import { bytesOf, float, type GraphWriter } from '../onnx/graph-writer.ts';
import type { WeightPlace } from '../onnx/weight-file.ts';
import { unsupported } from '../read/source-errors.ts';
import type { WeightRows } from '../read/tensor-file.ts';
import { BLOCK, quantizedPieces } from './blocks8.ts';
import { finite, pieces } from './weight-pieces.ts';

export type NumberFormat = 'nb8' | 'fp32';

export class LayerWriter {
  readonly #graph: GraphWriter;
  readonly #format: NumberFormat;
  readonly #path: string;
  /** Where the scales of each matrix lie: the operators want them in shapes of their own. */
  readonly #scales = new Map<string, WeightPlace>();

  /** `path` is the source file, named in errors. */
  constructor(graph: GraphWriter, format: NumberFormat, path: string) {
    this.#graph = graph;
    this.#format = format;
    this.#path = path;
  }

  /** input × weightᵀ. The weight stays as it lies in the file, one row an output, so that it can be written as it is read. */
  linear(input: string, name: string, weight: WeightRows, output?: string): string {
    if (this.#format === 'nb8') this.#blocks(name, weight);
    else this.#floats(name, weight);
    return this.linearAgain(input, name, weight, output);
  }

  /** A linear layer over a weight that has been written: an embedding table that is also the model's head. */
  linearAgain(input: string, name: string, { rows, width }: WeightRows, output?: string): string {
    if (this.#format === 'fp32')
      return this.#graph.node('FusedMatMul', [input, name], { alpha: float(1), transB: 1 }, output);
    // accuracy_level 4: activations are rounded to 8 bits in blocks of a row, so products are integers (2–3 times faster
    // than level 0) and no row depends on another. A bias input costs 30 % at 32 rows and more, so biases go elsewhere.
    this.#graph.weightAt(`${name}.scales`, 'float', [(rows * width) / BLOCK], this.#scales.get(name)!);
    const attributes = { K: width, N: rows, bits: 8, block_size: BLOCK, accuracy_level: 4 };
    return this.#graph.node('MatMulNBits', [input, name, `${name}.scales`], attributes, output);
  }

  /** One row of `weight` for each id: [B, S] → [B, S, width]. */
  embedding(ids: string, name: string, weight: WeightRows): string {
    if (this.#format === 'fp32') {
      this.#floats(name, weight);
      return this.#graph.node('Gather', [name, ids]);
    }
    this.#blocks(name, weight);
    const blocks = weight.width / BLOCK;
    this.#graph.weightAt(`${name}.gathered_scales`, 'float', [weight.rows, blocks, 1], this.#scales.get(name)!);
    const attributes = { gather_axis: 0, quantize_axis: 2, block_size: BLOCK, bits: 8 };
    const inputs = [name, ids, `${name}.gathered_scales`];
    const gathered = this.#graph.node('GatherBlockQuantized', inputs, attributes);
    return this.#graph.node('Reshape', [gathered, this.#graph.integers(0, 0, weight.width)]);
  }

  #floats(name: string, weight: WeightRows): void {
    const path = this.#path;
    function* bytes() {
      for (const [first, count] of pieces(weight)) yield bytesOf(finite(path, weight.name, weight.read(first, count)));
    }
    this.#graph.weight(name, 'float', [weight.rows, weight.width], bytes());
  }

  #blocks(name: string, weight: WeightRows): void {
    if (weight.width % BLOCK !== 0)
      throw unsupported(
        this.#path,
        `nb8 needs rows of whole blocks of ${BLOCK}, but ${weight.name} has ${weight.width} columns`,
      );
    const blocks = weight.width / BLOCK;
    const scales = new Float32Array(weight.rows * blocks);
    this.#graph.weight(name, 'uint8', [weight.rows, blocks, BLOCK], quantizedPieces(this.#path, weight, scales));
    this.#scales.set(name, this.#graph.store([bytesOf(scales)]));
  }
}
