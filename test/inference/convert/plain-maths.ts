// The mathematics of the models as plain loops in double precision: slow, obvious, and what the graphs are compared with.

export type Matrix = readonly (readonly number[])[];

export function matrix(rows: number, width: number, values: ArrayLike<number>): Matrix {
  return Array.from({ length: rows }, (_, row) => Array.from({ length: width }, (_, i) => values[row * width + i]!));
}

/** matrix × vector. */
export function times(weights: Matrix, x: readonly number[]): number[] {
  return weights.map((row) => row.reduce((sum, value, i) => sum + value * x[i]!, 0));
}

export function add(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, i) => value + b[i]!);
}

export function softmax(scores: readonly number[]): number[] {
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

export const silu = (x: number) => x / (1 + Math.exp(-x));

/** x · Φ(x) with the error function as its power series; beyond 6, where its terms outgrow a double, it is ±1 to 2e-9. */
export function gelu(x: number): number {
  if (Math.abs(x) > 6) return Math.max(0, x);
  const z = x / Math.SQRT2;
  let [term, sum] = [z, z];
  for (let n = 1; n < 200; n++) {
    term *= (-z * z) / n;
    sum += term / (2 * n + 1);
  }
  return (x / 2) * (1 + (2 / Math.sqrt(Math.PI)) * sum);
}

export function rmsNorm(x: readonly number[], gain: readonly number[], epsilon: number): number[] {
  const meanSquare = x.reduce((sum, value) => sum + value * value, 0) / x.length;
  return x.map((value, i) => (value / Math.sqrt(meanSquare + epsilon)) * gain[i]!);
}

export function layerNorm(
  x: readonly number[],
  gain: readonly number[],
  bias: readonly number[],
  epsilon: number,
): number[] {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  return x.map((value, i) => ((value - mean) / Math.sqrt(variance + epsilon)) * gain[i]! + bias[i]!);
}
