// A decoder in rotated coordinates: the same function of its input, with other numbers inside. The residual
// stream x becomes Rᵀx; normalisation without its gains does not see the rotation, and the gains go into the matrices that
// read what it normalised. What those matrices read then has a root mean square of 1 and no outliers.
//
// What the other two matrices of a layer read is no part of the residual stream, and has rotations of its own. Values are turned
// head by head as they are made, and what attention makes of them stays turned; the graph mixes the heads (rotate-input.ts), one of
// which may be much larger than the others. The product of gate and up is turned by the graph, but for the signs, which go into
// `up`: its outliers are hundreds of times larger than the rest.

import type { TensorFile, WeightRows } from '../read/tensor-file.ts';
import { EMBEDDING, OUTPUT } from './gguf-tensors.ts';
import { mixParts, rotateColumns, rotateRows, rotationFactors } from './rotation.ts';
import { changed, vectorOf } from './weight-pieces.ts';

/** Of the residual stream: the norms of single heads (attn_q_norm) see nothing of the rotation. */
const NORM = /(?:^output|\.attn|\.ffn)_norm\.weight$/;
const READS_ATTENTION_NORM = /^(blk\.\d+)\.attn_[qkv]\.weight$/;
const READS_FEED_FORWARD_NORM = /^(blk\.\d+)\.ffn_(gate|up)\.weight$/;

/** The file with every tensor as it is in rotated coordinates. The head is always a tensor of its own. */
export function rotatedDecoder(file: TensorFile, headSize: number): TensorFile {
  return {
    path: file.path,
    names: file.names.includes(OUTPUT) ? file.names : [...file.names, OUTPUT],
    shape: (name) => file.shape(name === OUTPUT && !file.names.includes(OUTPUT) ? EMBEDDING : name),
    rows(name) {
      if (NORM.test(name)) return ones(file.rows(name));
      if (name === EMBEDDING) return turned(file.rows(name));
      if (name === OUTPUT) {
        const head = file.rows(file.names.includes(OUTPUT) ? OUTPUT : EMBEDDING);
        return turned(head, vectorOf(file, 'output_norm.weight'));
      }
      const gains = gainsReadBy(name);
      const rows = gains === undefined ? file.rows(name) : turned(file.rows(name), vectorOf(file, gains));
      if (name.endsWith('.attn_v.weight')) return columnsTurned(rows, headSize);
      if (name.endsWith('.attn_v.bias')) return inTurned(rows, headSize);
      if (name.endsWith('.attn_output.weight')) return headsMixed(inTurned(columnsTurned(rows), headSize), headSize);
      if (name.endsWith('.ffn_up.weight')) return signed(rows);
      if (name.endsWith('.ffn_down.weight')) return inTurned(columnsTurned(rows), rows.width);
      return rows;
    },
    close: () => file.close(),
  };
}

function gainsReadBy(name: string): string | undefined {
  const attention = READS_ATTENTION_NORM.exec(name);
  if (attention) return `${attention[1]}.attn_norm.weight`;
  const feedForward = READS_FEED_FORWARD_NORM.exec(name);
  return feedForward ? `${feedForward[1]}.ffn_norm.weight` : undefined;
}

function ones({ name, rows, width }: WeightRows): WeightRows {
  return { name, rows, width, read: (_, count) => new Float32Array(count * width).fill(1) };
}

function turned(weight: WeightRows, gains?: Float32Array): WeightRows {
  const { width } = weight;
  return changed(weight, (values) => {
    if (gains) for (let i = 0; i < values.length; i++) values[i]! *= gains[i % width]!;
    rotateRows(values, width);
  });
}

/** For an input of which each `size` numbers are turned. */
function inTurned(weight: WeightRows, size: number): WeightRows {
  return changed(weight, (values) => rotateRows(values, size));
}

/** For an input of which the heads are mixed. */
function headsMixed(weight: WeightRows, headSize: number): WeightRows {
  return changed(weight, (values) => mixParts(values, weight.width, weight.width / headSize));
}

/** What it gives takes the signs with which its rotation begins. */
function signed(weight: WeightRows): WeightRows {
  const { signs } = rotationFactors(weight.rows);
  return changed(weight, (values, first) => {
    for (let i = 0; i < values.length; i++) values[i]! *= signs[first + Math.floor(i / weight.width)]!;
  });
}

/**
 * What it gives is turned, each `size` numbers of it. A column of the matrix then mixes its rows, so it is read and turned as a
 * whole, when its first rows are asked for.
 */
function columnsTurned({ name, rows, width, read }: WeightRows, size = rows): WeightRows {
  let whole: Float32Array | undefined;
  return {
    name,
    rows,
    width,
    read(first, count) {
      whole ??= rotateColumns(read(0, rows), width, size);
      return whole.slice(first * width, (first + count) * width);
    },
  };
}
