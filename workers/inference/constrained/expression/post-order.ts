// Visits the parts of an expression before the whole, without calls inside calls: a stack of calls as deep as an output has parts
// would overflow, at a depth that no limit can name.

import type { Expression } from './node.ts';

/** Visits what is not known yet, from which on it must be. */
export function inPostOrder(
  node: Expression,
  partsOf: (node: Expression) => readonly Expression[],
  isKnown: (node: Expression) => boolean,
  visit: (node: Expression) => void,
): void {
  const waiting = [node];
  for (let next = waiting.at(-1); next; next = waiting.at(-1)) {
    const missing = isKnown(next) ? [] : partsOf(next).filter((part) => !isKnown(part));
    if (missing.length > 0) {
      for (const part of missing) waiting.push(part);
      continue;
    }
    waiting.pop();
    if (!isKnown(next)) visit(next);
  }
}

export function partsOf({ shape }: Expression): readonly Expression[] {
  switch (shape.kind) {
    case 'either':
      return shape.options;
    case 'sequence':
      return [shape.head, shape.rest];
    case 'repeat':
      return [shape.of];
    default:
      return [];
  }
}
