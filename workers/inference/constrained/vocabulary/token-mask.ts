// Which tokens may come next: a bit for each id.

export interface TokenMask {
  /** Bit (id & 31) of word (id >>> 5). Shared with other generations: not to be written. */
  readonly bits: Uint32Array;
  /** Whether the output may end here: only then an end token may come. */
  readonly canEnd: boolean;
}

export function isAllowed({ bits }: Pick<TokenMask, 'bits'>, token: number): boolean {
  return ((bits[token >>> 5] ?? 0) & (1 << (token & 31))) !== 0;
}

export function allow(bits: Uint32Array, token: number): void {
  bits[token >>> 5]! |= 1 << (token & 31);
}

export function allowAll(bits: Uint32Array, others: Uint32Array): void {
  for (let i = 0; i < bits.length; i++) bits[i]! |= others[i]!;
}

export function isEmpty(bits: Uint32Array): boolean {
  return bits.every((word) => word === 0);
}

/** The ids, in rising order. */
export function tokensIn(bits: Uint32Array): number[] {
  const tokens: number[] = [];
  for (const [i, word] of bits.entries())
    for (let rest = word; rest !== 0; rest &= rest - 1) tokens.push(32 * i + 31 - Math.clz32(rest & -rest));
  return tokens;
}
