// A counter-based random number: a pure function of (seed, position), so a token's draw depends on nothing that ran
// before it or beside it.

/** A number in [0, 1) with 32 random bits. */
export function randomAt(seed: number, position: number): number {
  let x = mix(seed >>> 0);
  x = mix(x ^ (Math.floor(seed / 2 ** 32) >>> 0));
  x = mix(x ^ position);
  return mix(x + 0x9e3779b9) / 2 ** 32;
}

/** MurmurHash3's finaliser: every bit of the input changes every bit of the output with probability one half. */
function mix(value: number): number {
  let x = (value + 0x6d2b79f5) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
