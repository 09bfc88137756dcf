// A fixed orthogonal matrix R for each width, applied to rows without ever being built: signs, a Hadamard transform of
// blocks whose size is a power of two, and a cosine transform across the blocks (576 = 9 × 64).
//
// Why: a few channels of a decoder's residual stream are tens of times larger than the rest, and one scale for a whole row
// then leaves the rest a handful of steps. After R every channel is a mixture of all, about as large as each other.

interface Rotation {
  readonly block: number;
  readonly signs: Float32Array;
  readonly across: Float64Array;
}

const rotations = new Map<number, Rotation>();

function rotationOf(width: number): Rotation {
  const known = rotations.get(width);
  if (known) return known;
  const block = width & -width;
  const scale = 1 / Math.sqrt(block);
  const rotation = {
    block,
    signs: signsOf(width).map((sign) => sign * scale),
    across: cosineTransform(width / block),
  };
  rotations.set(width, rotation);
  return rotation;
}

/** R of a width as a graph can apply it: a row, times `signs`, as a matrix M of `across` rows, becomes across·M·within. */
export interface RotationFactors {
  readonly signs: Float32Array;
  /** [blocks, blocks] */
  readonly across: Float32Array;
  /** [block, block], symmetric. */
  readonly within: Float32Array;
  readonly blocks: number;
  readonly block: number;
}

/** Of blocks and their number neither is much larger: two small products are 3 to 10 % of the layer that reads what is turned. */
export function rotationFactors(width: number): RotationFactors {
  const rotation = rotationOf(width);
  let block = Math.min(rotation.block, 64);
  // A product of one row takes another order of additions than one of several, and a text of one token would be one.
  if (block === width && width > 1) block /= 2;
  while (block < rotation.block && width / block > 128) block *= 2;
  const inBlocks = rotation.block / block;
  const blocks = width / block;
  const odd = width / rotation.block;
  const across = Float32Array.from({ length: blocks * blocks }, (_, at) => {
    const [to, from] = [Math.floor(at / blocks), at % blocks];
    const cosine = rotation.across[Math.floor(to / inBlocks) * odd + Math.floor(from / inBlocks)]!;
    return cosine * hadamard(inBlocks, to % inBlocks, from % inBlocks);
  });
  const within = Float32Array.from({ length: block * block }, (_, at) =>
    hadamard(block, Math.floor(at / block), at % block),
  );
  return { signs: rotation.signs.map(Math.sign), across, within, blocks, block };
}

/** An element of the orthonormal Hadamard matrix whose size is a power of two. */
function hadamard(size: number, row: number, column: number): number {
  let common = row & column;
  let sign = 1;
  for (; common > 0; common &= common - 1) sign = -sign;
  return sign / Math.sqrt(size);
}

/** Turns rows of `width` numbers in place: each row r becomes r·R. */
export function rotateRows(rows: Float32Array, width: number): void {
  const { block, signs, across } = rotationOf(width);
  // In double precision between the first and the last step; one row of numbers serves all.
  const turned = new Float64Array(width);
  const mixed = new Float64Array(width);
  for (let from = 0; from < rows.length; from += width) {
    for (let i = 0; i < width; i++) turned[i] = rows[from + i]! * signs[i]!;
    for (let half = 1; half < block; half *= 2) hadamardStage(turned, half);
    mixBlocks(turned, mixed, block, across);
    for (let i = 0; i < width; i++) rows[from + i] = mixed[i]!;
  }
}

/** Mixes the `count` equal parts of each row of `width` numbers in place, number i of each with number i of the others. */
export function mixParts(rows: Float32Array, width: number, count: number): void {
  const across = cosineTransform(count);
  const mixed = new Float64Array(width);
  for (let from = 0; from < rows.length; from += width) {
    const row = rows.subarray(from, from + width);
    mixBlocks(Float64Array.from(row), mixed, width / count, across);
    row.set(mixed);
  }
}

/** The matrix Rᵀ·W for W of `width` columns, or of each `height` rows of W: what is added to a rotated residual. */
export function rotateColumns(matrix: Float32Array, width: number, height = matrix.length / width): Float32Array {
  const columns = transposed(matrix, width);
  rotateRows(columns, height);
  return transposed(columns, matrix.length / width);
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

/** Sums and differences of numbers that are `half` apart. */
function hadamardStage(row: Float64Array, half: number): void {
  for (let pair = 0; pair < row.length; pair += 2 * half) {
    const end = pair + half;
    for (let i = pair; i < end; i++) {
      const a = row[i]!;
      const b = row[i + half]!;
      row[i] = a + b;
      row[i + half] = a - b;
    }
  }
}

/** Number i of every block, mixed with number i of the others. Block by block: inner loops over neighbours are 4 times faster. */
function mixBlocks(row: Float64Array, mixed: Float64Array, block: number, across: Float64Array): void {
  const blocks = row.length / block;
  mixed.fill(0);
  for (let k = 0; k < blocks; k++) {
    for (let j = 0; j < blocks; j++) {
      const factor = across[k * blocks + j]!;
      let to = k * block;
      for (let from = j * block, end = from + block; from < end; from++, to++)
        mixed[to] = mixed[to]! + factor * row[from]!;
    }
  }
}

/** The orthonormal cosine transform (DCT-II) of any size. */
export function cosineTransform(size: number): Float64Array {
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
