// The layers that hold nearly all weights, linear layers and embedding tables, in each number format.

import { isInRows, type NumberFormat } from '../../choose-format.ts';
import { bytesOf, float, type GraphWriter } from '../onnx/graph-writer.ts';
import type { WeightPlace } from '../onnx/weight-file.ts';
import { unsupported } from '../read/source-errors.ts';
import type { WeightRows } from '../read/tensor-file.ts';
import { BLOCK, quantizedPieces } from './blocks8.ts';
import { Product4Writer } from './product4.ts';
import { quantizedRows, type Rows8, sumsOfRows, withoutSign } from './rows8.ts';
import { finite, pieces } from './weight-pieces.ts';

/**
 * Where the numbers of a rotated, normalised row (root mean square 1) are cut. Divergence of what is foreseen from fp32's (mean
 * KL, SmolLM2-135M, 1,792 tokens) with 3.5, 4, 4.5, 5: 0.69, 0.67, 0.77, 0.82 %. Steps that follow from each row's largest number
 * would take five nodes more: where queries, keys and values are made they do, 0.56 instead of 0.67 % over 3,072 tokens; before
 * the feed-forward too 0.50.
 */
const ACTIVATION_RANGE = 4;
const ACTIVATION_SCALE = Math.fround(ACTIVATION_RANGE / 127);
/** The byte that stands for 0 in rounded activations, and in weights without a sign. */
const ZERO = 128;
/** Below what a row's largest number is divided by: a row of zeros stays one. */
const TINY = Math.fround(1e-12);

/** A rounded input: high × coarse + low × fine. */
interface Digits {
  readonly high: string;
  readonly low: string;
  readonly coarse: number;
  readonly fine: number;
}

/** A product, and what is left to be added to it. */
export interface WithBias {
  readonly product: string;
  readonly bias: Float32Array;
}

export class LayerWriter {
  readonly #graph: GraphWriter;
  readonly #format: NumberFormat;
  readonly #path: string;
  /** Where the scales of each matrix lie: the operators want them in shapes of their own. */
  readonly #scales = new Map<string, WeightPlace>();
  /** Where the bytes of each matrix in blocks lie. */
  readonly #codes = new Map<string, WeightPlace>();
  /** Inputs that have been rounded. */
  readonly #rounding = new Map<string, Digits>();
  readonly #in4Bits: Product4Writer;

  /** `path` is the source file, named in errors. */
  constructor(graph: GraphWriter, format: NumberFormat, path: string) {
    this.#graph = graph;
    this.#format = format;
    this.#path = path;
    this.#in4Bits = new Product4Writer(graph, path);
  }

  /** input × weightᵀ. The weight stays as it lies in the file, one row an output, so that it can be written as it is read. */
  linear(input: string, name: string, weight: WeightRows, output?: string): string {
    if (this.#format === 'nb4') {
      this.#checkBlocks(weight);
      return this.#in4Bits.write(input, name, weight, output);
    }
    if (this.#format === 'fp32') this.#floats(name, weight);
    else this.#blocks(name, weight);
    return this.#linear(input, name, name, weight, output);
  }

  /** A decoder's head over a matrix of its own, whose input is as that of `linearOfNormed`. In nb4 it is in 8 bits, as the table is. */
  head(input: string, name: string, weight: WeightRows, output: string): string {
    if (isInRows(this.#format)) return this.#linearByRow(input, name, weight, output);
    if (this.#format === 'fp32') return this.linear(input, name, weight, output);
    this.#blocks(name, weight);
    return this.#linear(input, name, name, weight, output);
  }

  /**
   * A linear layer over a weight that has been written: an embedding table that is also the model's head. In blocks it has a
   * tensor of its own over the same bytes: onnxruntime packs it and lets it go, where one that is looked up too would stay in
   * memory beside its packed copy.
   */
  linearAgain(input: string, name: string, weight: WeightRows, output?: string): string {
    if (this.#format === 'fp32') return this.#linear(input, name, name, weight, output);
    const again = `${name}.again`;
    this.#graph.weightAt(again, 'uint8', blockShape(weight), this.#codes.get(name)!);
    return this.#linear(input, again, name, weight, output);
  }

  #linear(input: string, weight: string, name: string, { rows, width }: WeightRows, output?: string): string {
    if (this.#format === 'fp32') return this.#floatProduct(input, weight, output);
    // accuracy_level 4: activations are rounded to 8 bits in blocks of a row, so products are integers (2–3 times faster
    // than level 0) and no row depends on another. A bias input costs 30 % at 32 rows and more, so biases go elsewhere.
    this.#graph.weightAt(`${name}.scales`, 'float', [(rows * width) / BLOCK], this.#scales.get(name)!);
    const attributes = { K: width, N: rows, bits: 8, block_size: BLOCK, accuracy_level: 4 };
    return this.#graph.node('MatMulNBits', [input, weight, `${name}.scales`], attributes, output);
  }

  #floatProduct(input: string, weight: string, output?: string): string {
    return this.#graph.node('FusedMatMul', [input, weight], { alpha: float(1), transB: 1 }, output);
  }

  /** Whether matrices become whole rows in 8 bits. */
  get inRows(): boolean {
    return isInRows(this.#format);
  }

  /** Whether it is for CPUs whose vectors are of AVX2. */
  get forAvx2(): boolean {
    return this.#format === 'row8u';
  }

  /** As `linear`, for an input that is normalised and, in rows, rotated: its root mean square is 1 in each row. */
  linearOfNormed(input: string, name: string, weight: WeightRows): string {
    if (!isInRows(this.#format)) return this.linear(input, name, weight);
    this.#rows(name, weight);
    return this.#product(this.#rounded(input, ACTIVATION_SCALE), name, ACTIVATION_SCALE);
  }

  /**
   * As `linear`, for an input of any size that, in rows, has been turned, wholly or head by head: none of its numbers stands far
   * out. A row that has no numbers comes through as one, as through no fixed steps.
   */
  linearOfTurned(input: string, name: string, weight: WeightRows): string {
    return isInRows(this.#format) ? this.#linearByRow(input, name, weight) : this.linear(input, name, weight);
  }

  /**
   * As `linear`, for an input whose numbers are never larger than `bound`, a few channels of which are much larger than the
   * others: one digit of 8 bits would be too coarse. So it is rounded in 16 bits, as two digits, or not at all in row8u, where
   * two products of bytes take longer than one of floats (Zen 3, one thread, 64 rows, 384 × 1536: 1,780 µs and 1,560).
   */
  linearOfBounded(input: string, name: string, weight: WeightRows, bound: number): string {
    if (!this.forAvx2) return this.#linearInDigits(input, name, weight, bound);
    this.#floats(name, weight);
    return this.#floatProduct(input, name);
  }

  /**
   * As `linearOfBounded`, for an input without such channels. In row8u it is one digit, in steps that follow from each row's
   * largest number; where a second product costs little the second digit stays, for the least cosine to fp32 over the sentences.
   */
  linearOfEven(input: string, name: string, weight: WeightRows, bound: number): string {
    return this.forAvx2 ? this.#linearByRow(input, name, weight) : this.#linearInDigits(input, name, weight, bound);
  }

  /** In steps that follow from each row's largest number. */
  #linearByRow(input: string, name: string, weight: WeightRows, output?: string): string {
    this.#rows(name, weight);
    const largest = this.#largest(this.#graph.node('Abs', [input]));
    const divisor = this.#graph.node('Max', [largest, this.#graph.number(TINY)]);
    return this.#productByRow(input, name, divisor, { steps: 127, zero: ZERO, output });
  }

  /**
   * As `linearOfEven` and `bias` added, for an input whose numbers are all larger than `least`, a negative one. Counted from there
   * they need no sign, which halves the step. Gives the product and what is to be added to it.
   */
  linearAbove(
    least: number,
    input: string,
    name: string,
    weight: WeightRows,
    bound: number,
    bias: Float32Array,
  ): WithBias {
    if (!this.forAvx2) return { product: this.#linearInDigits(input, name, weight, bound), bias };
    const from = Math.fround(least);
    const sums = sumsOfRows(this.#rows(name, weight));
    const counted = this.#graph.node('Sub', [input, this.#graph.number(from)]);
    const product = this.#productByRow(counted, name, this.#largest(counted), { steps: 255, zero: 0 });
    return { product, bias: bias.map((value, row) => value + from * sums[row]!) };
  }

  #largest(input: string): string {
    return this.#graph.node('ReduceMax', [input, this.#graph.integers(-1)], { keepdims: 1 });
  }

  /** Of rows divided by their largest numbers, rounded to so many steps up from the byte that stands for 0. */
  #productByRow(
    input: string,
    name: string,
    largest: string,
    { steps, zero, output }: { steps: number; zero: number; output?: string | undefined },
  ): string {
    const step = Math.fround(1 / steps);
    const rounded = this.#rounded(this.#graph.node('Div', [input, largest]), step, zero);
    return this.#graph.node('Mul', [this.#product(rounded, name, step, zero), largest], {}, output);
  }

  #linearInDigits(input: string, name: string, weight: WeightRows, bound: number): string {
    if (!isInRows(this.#format)) return this.linear(input, name, weight);
    this.#rows(name, weight);
    const { high, low, coarse, fine } = this.#digits(input, bound);
    return this.#graph.node('Add', [this.#product(high, name, coarse), this.#product(low, name, fine)]);
  }

  /** Written once for each input: query, key and value read the same. */
  #digits(input: string, bound: number): Digits {
    const key = `${input} ${bound}`;
    const known = this.#rounding.get(key);
    if (known) return known;
    // What the coarse digit leaves over is at most half its step: 128 fine ones.
    const coarse = Math.fround(bound / 127);
    const fine = Math.fround(coarse / 256);
    const high = this.#rounded(input, coarse);
    const covered = this.#graph.node('DequantizeLinear', [high, this.#graph.number(coarse), this.#graph.byte(ZERO)]);
    const low = this.#rounded(this.#graph.node('Sub', [input, covered]), fine);
    const digits = { high, low, coarse, fine };
    this.#rounding.set(key, digits);
    return digits;
  }

  #rows(name: string, weight: WeightRows): Rows8 {
    const rows = quantizedRows(this.#path, weight);
    const { codes, scales } = rows;
    const [type, bytes] =
      this.#format === 'row8u' ? (['uint8', withoutSign(codes)] as const) : (['int8', bytesOf(codes)] as const);
    this.#graph.weight(name, type, [weight.width, weight.rows], [bytes]);
    this.#graph.vector(`${name}.scales`, scales);
    return rows;
  }

  #rounded(input: string, scale: number, zero = ZERO): string {
    return this.#graph.node('QuantizeLinear', [input, this.#graph.number(scale), this.#graph.byte(zero)]);
  }

  #product(rounded: string, name: string, scale: number, zero = ZERO): string {
    const inputs = [rounded, name, this.#graph.number(scale), `${name}.scales`, this.#graph.byte(zero)];
    if (this.#format === 'row8u') inputs.push(this.#graph.byte(ZERO));
    return this.#graph.node('MatMulIntegerToFloat', inputs);
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

  #checkBlocks(weight: WeightRows): void {
    if (weight.width % BLOCK === 0) return;
    throw unsupported(
      this.#path,
      `${this.#format} needs rows of whole blocks of ${BLOCK}, but ${weight.name} has ${weight.width} columns`,
    );
  }

  #blocks(name: string, weight: WeightRows): void {
    this.#checkBlocks(weight);
    const scales = new Float32Array((weight.rows * weight.width) / BLOCK);
    const codes = this.#graph.store(quantizedPieces(this.#path, weight, scales));
    this.#graph.weightAt(name, 'uint8', blockShape(weight), codes);
    this.#codes.set(name, codes);
    this.#scales.set(name, this.#graph.store([bytesOf(scales)]));
  }
}

function blockShape({ rows, width }: WeightRows): number[] {
  return [rows, width / BLOCK, BLOCK];
}
