// A fixed orthogonal matrix R for each width, applied to rows without ever being built: signs, a Hadamard transform of
// blocks whose size is a power of two, and a cosine transform across the blocks (576 = 9 × 64).
//
// Why: a few channels of a decoder's residual stream are tens of times larger than the rest, and one scale for a whole row
// then leaves the rest a handful of steps. After R every channel is a mixture of all, about as large as each other.

/** Turns rows of `width` numbers in place: each row r becomes r·R. */
export function rotateRows(rows: Float32Array, width: number): void {
  const block = width & -width;
  const across = cosineTransform(width / block);
  const signs = signsOf(width);
  const scale = 1 / Math.sqrt(block);
  for (let from = 0; from < rows.length; from += width) {
    const row = rows.subarray(from, from + width);
    for (let i = 0; i < width; i++) row[i]! *= signs[i]! * scale;
    for (let start = 0; start < width; start += block) hadamard(row, start, block);
    mixBlocks(row, block, across);
  }
}

/** The matrix Rᵀ·W for W of `width` columns: what is added to a rotated residual. */
export function rotateColumns(matrix: Float32Array, width: number): Float32Array {
  const height = matrix.length / width;
  const columns = transposed(matrix, width);
  rotateRows(columns, height);
  return transposed(columns, height);
}

export function transposed<Values extends Float32Array | Int8Array>(matrix: Values, width: number): Values {
  const height = matrix.length / width;
  const turned = new (matrix.constructor as new (length: number) => Values)(matrix.length);
  // In tiles: walking down a column of a large matrix misses every cache.
  const TILE = 32;
  for (let top = 0; top < height; top += TILE) {
    for (let left = 0; left < width; left += TILE) {
      const [bottom, right] = [Math.min(height, top + TILE), Math.min(width, left + TILE)];
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) turned[x * height + y] = matrix[y * width + x]!;
      }
    }
  }
  return turned;
}

function hadamard(row: Float32Array, start: number, size: number): void {
  for (let half = 1; half < size; half *= 2) {
    for (let pair = start; pair < start + size; pair += 2 * half) {
      for (let i = pair; i < pair + half; i++) {
        const [a, b] = [row[i]!, row[i + half]!];
        row[i] = a + b;
        row[i + half] = a - b;
      }
    }
  }
}

/** Number i of every block, mixed with number i of the others. */
function mixBlocks(row: Float32Array, block: number, across: Float64Array): void {
  const blocks = row.length / block;
  if (blocks === 1) return;
  const numbers = new Float64Array(blocks);
  for (let i = 0; i < block; i++) {
    for (let k = 0; k < blocks; k++) numbers[k] = row[k * block + i]!;
    for (let k = 0; k < blocks; k++) {
      let sum = 0;
      for (let j = 0; j < blocks; j++) sum += across[k * blocks + j]! * numbers[j]!;
      row[k * block + i] = sum;
    }
  }
}

/** The orthonormal cosine transform (DCT-II) of an odd size. */
function cosineTransform(size: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, at) => {
    const [k, j] = [Math.floor(at / size), at % size];
    return Math.sqrt((k === 0 ? 1 : 2) / size) * Math.cos((Math.PI * (2 * j + 1) * k) / (2 * size));
  });
}

/** The same signs for a width on every machine: the top bits of a multiplicative sequence. */
function signsOf(width: number): Float32Array {
  let state = width;
  return Float32Array.from({ length: width }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 31 === 1 ? -1 : 1;
  });
}
