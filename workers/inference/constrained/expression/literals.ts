// A choice of texts as a tree of their common beginnings, so that ten thousand of them are read in one way at a time.

import type { Expressions } from './expressions.ts';
import type { Expression } from './node.ts';

export function oneOfTexts(all: Expressions, texts: readonly string[]): Expression {
  const sorted = [...new Set(texts)].map((text) => Buffer.from(text)).sort(Buffer.compare);
  return tree(all, sorted, 0);
}

/** Texts that are sorted and have their first `from` bytes in common. */
function tree(all: Expressions, texts: readonly Buffer[], from: number): Expression {
  const [first, last] = [texts[0]!, texts.at(-1)!];
  if (texts.length === 1) return all.literal(first.subarray(from), 0);
  let common = from;
  while (common < first.length && first[common] === last[common]) common++;
  const options: Expression[] = [];
  let begin = 0;
  // The shortest comes first: it is the only one that can end with what is common.
  if (first.length === common) {
    options.push(all.end);
    begin = 1;
  }
  for (let i = begin + 1; i <= texts.length; i++) {
    if (i < texts.length && texts[i]![common] === texts[begin]![common]) continue;
    options.push(tree(all, texts.slice(begin, i), common));
    begin = i;
  }
  return all.sequence(all.literal(first.subarray(from, common), 0), all.either(options));
}
