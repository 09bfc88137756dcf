// A linear layer in 4 bits (blocks4.ts), as nodes of the graph: the product of the codes, and that of the sums of the input's blocks
// with what the codes leave. The second one has a 32nd of the terms, in floats.
//
// The kernel for one row of 4-bit blocks gives other bits than that for two and more, which agree (onnxruntime 1.30, AVX2, 64 to 1,536
// columns, all rows of 1 to 64). So where there is one row in all, a row of zeros stands below it and is cut off again.

import { bytesOf, float, type GraphWriter } from '../onnx/graph-writer.ts';
import type { WeightRows } from '../read/tensor-file.ts';
import { blockNumbers, packedPieces } from './blocks4.ts';
import { BLOCK } from './blocks8.ts';

const INT64 = 7;

/** What pads the second of three dimensions to two rows in all, and how long that was. */
interface Padding {
  readonly pads: string;
  readonly length: string;
}

export class Product4Writer {
  readonly #graph: GraphWriter;
  readonly #path: string;
  /** Of inputs that several products read: query, key and value read the same. */
  readonly #sums = new Map<string, string>();
  readonly #padded = new Map<string, string>();
  /** The same for all inputs of a graph: they have as many rows. */
  #padding: Padding | undefined;

  /** `path` is the source file, named in errors. */
  constructor(graph: GraphWriter, path: string) {
    this.#graph = graph;
    this.#path = path;
  }

  /** input [B,S,width] × weightᵀ, of rows of whole blocks. */
  write(input: string, name: string, weight: WeightRows, output?: string): string {
    const { rows, width } = weight;
    const blocks = width / BLOCK;
    const numbers = blockNumbers(weight);
    this.#graph.weight(name, 'uint8', [rows, blocks, BLOCK / 2], packedPieces(this.#path, weight, numbers));
    this.#graph.vector(`${name}.scales`, numbers.scales);
    // As of Q4_0, whose blocks lie about 0.
    if (numbers.rests.every((rest) => rest === 0)) return this.#ofCodes(input, name, weight, output);
    const ofCodes = this.#ofCodes(input, name, weight);
    this.#graph.weight(`${name}.rests`, 'float', [rows, blocks], [bytesOf(numbers.rests)]);
    const sums = this.#blockSums(input, blocks);
    const ofRests = this.#graph.node('FusedMatMul', [sums, `${name}.rests`], { alpha: float(1), transB: 1 });
    return this.#graph.node('Add', [ofCodes, ofRests], {}, output);
  }

  #ofCodes(input: string, name: string, { rows, width }: WeightRows, output?: string): string {
    this.#padding ??= this.#writePadding(input);
    const { pads, length } = this.#padding;
    const padded = this.#padded.get(input) ?? this.#graph.node('Pad', [input, pads]);
    this.#padded.set(input, padded);
    const attributes = { K: width, N: rows, bits: 4, block_size: BLOCK, accuracy_level: 4 };
    const product = this.#graph.node('MatMulNBits', [padded, name, `${name}.scales`], attributes);
    const cut = [product, this.#graph.integers(0), length, this.#graph.integers(1)];
    return this.#graph.node('Slice', cut, {}, output);
  }

  #writePadding(input: string): Padding {
    const sizes = this.#graph.node('Shape', [input], { start: 0, end: 2 });
    const length = this.#graph.node('Shape', [input], { start: 1, end: 2 });
    const rows = this.#graph.node('ReduceProd', [sizes, this.#graph.integers(0)], { keepdims: 1 });
    const isOne = this.#graph.node('Equal', [rows, this.#graph.integers(1)]);
    const missing = this.#graph.node('Cast', [isOne], { to: INT64 });
    const [before, after] = [this.#graph.integers(0, 0, 0, 0), this.#graph.integers(0)];
    return { pads: this.#graph.node('Concat', [before, missing, after], { axis: 0 }), length };
  }

  #blockSums(input: string, blocks: number): string {
    const known = this.#sums.get(input);
    if (known !== undefined) return known;
    const inBlocks = this.#graph.node('Reshape', [input, this.#graph.integers(0, 0, blocks, BLOCK)]);
    const sums = this.#graph.node('ReduceSum', [inBlocks, this.#graph.integers(-1)], { keepdims: 0 });
    this.#sums.set(input, sums);
    return sums;
  }
}
