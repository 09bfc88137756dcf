// What the graph builders see of a weight file, whatever its format: named tensors of float numbers, read a few rows at a
// time.

export interface WeightRows {
  /** Name of the tensor in its file, for error messages. */
  readonly name: string;
  readonly rows: number;
  readonly width: number;
  /** The values of `count` rows from row `first` on, one row after the other. */
  read(first: number, count: number): Float32Array;
  /** For tensors stored as symmetric 8-bit or smaller blocks of 32: the stored numbers themselves, value = code × scale. */
  readonly readBlocks?: (first: number, count: number) => SymmetricBlocks;
}

export interface SymmetricBlocks {
  readonly codes: Int8Array;
  /** One for each block of 32 codes. */
  readonly scales: Float32Array;
}

export interface TensorFile {
  readonly path: string;
  readonly names: readonly string[];
  /** Sizes, outermost first. Throws ModelCorrupt when there is no such tensor. */
  shape(name: string): readonly number[];
  /** A tensor of one dimension is one row. */
  rows(name: string): WeightRows;
  close(): void;
}
