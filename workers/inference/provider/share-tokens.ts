// Providers count the tokens of a call, not of its texts: each has its share, by its length.

/**
 * Whole numbers that sum up to `total`, as near to the texts' shares of all characters as that allows. 10 over "aaa" and "a": 8 and 2 (7.5 and
 * 2.5). One text has all of it.
 */
export function shareTokens(total: number, texts: readonly string[]): number[] {
  const all = texts.reduce((sum, { length }) => sum + length, 0);
  let lengths = 0;
  let given = 0;
  return texts.map(({ length }) => {
    lengths += length;
    const upToHere = all === 0 ? 0 : Math.round((total * lengths) / all);
    const share = upToHere - given;
    given = upToHere;
    return share;
  });
}
