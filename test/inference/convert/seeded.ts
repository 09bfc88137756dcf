// Numbers that look random and are the same in every run.

export interface Seeded {
  /** 0 ≤ x < 1. */
  uniform(): number;
  /** A whole number 0 ≤ n < below. */
  below(below: number): number;
  /** About normal, with this standard deviation. */
  normals(count: number, deviation: number): Float32Array;
}

export function seeded(seed: number): Seeded {
  let state = seed >>> 0 || 1;
  const uniform = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return {
    uniform,
    below: (below) => Math.floor(uniform() * below),
    normals: (count, deviation) => Float32Array.from({ length: count }, () => normal() * deviation),
  };
}
