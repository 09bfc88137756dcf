// How an expression goes on: what takes the next byte, and where a byte leads (its derivative).

import { DEAD, nextState } from '../automata/byte-dfa.ts';
import { BETWEEN, CHARACTER_TABLE, NO_WAY, QUOTE } from '../json-characters.ts';
import { LIMITS } from '../limits.ts';
import { tooLarge } from '../refusals.ts';
import type { Expressions } from './expressions.ts';
import type { Branch, Expression, Leaf } from './node.ts';

/** Where a byte leads; undefined where it does not fit. */
export function stepOf(all: Expressions, node: Expression, byte: number): Expression | undefined {
  // Held here: making nodes can make all of them forget what they remember.
  const steps = node.steps ?? new Map<number, Expression | undefined>();
  node.steps = steps;
  if (steps.has(byte)) return steps.get(byte);
  const options: Expression[] = [];
  for (const { leaf, rest } of branchesOf(all, node)) {
    const next = leafStep(all, leaf, byte);
    if (next) options.push(all.sequence(next, rest));
  }
  const to = options.length > 1 ? all.either(options) : options[0];
  steps.set(byte, to);
  return to;
}

export function branchesOf(all: Expressions, node: Expression): readonly Branch[] {
  node.branches ??= computed(all, node);
  if (node.branches.length > LIMITS.readings)
    throw tooLarge('the constraint', `outputs that can be read in more than ${LIMITS.readings} ways at one place`);
  return node.branches;
}

function computed(all: Expressions, node: Expression): readonly Branch[] {
  const { shape } = node;
  switch (shape.kind) {
    case 'end':
      return [];
    case 'either':
      return shape.options.flatMap((option) => branchesOf(all, option));
    case 'sequence': {
      const first = followed(all, branchesOf(all, shape.head), shape.rest);
      return shape.head.canEnd ? [...first, ...branchesOf(all, shape.rest)] : first;
    }
    case 'repeat':
      return followed(all, branchesOf(all, shape.of), all.repeat(shape.of, Math.max(0, shape.min - 1), shape.max - 1));
    default:
      return [{ leaf: shape, rest: all.end }];
  }
}

function followed(all: Expressions, branches: readonly Branch[], by: Expression): Branch[] {
  return branches.map(({ leaf, rest }) => ({ leaf, rest: all.sequence(rest, by) }));
}

export function leafStep(all: Expressions, leaf: Leaf, byte: number): Expression | undefined {
  if (leaf.kind === 'literal') return leaf.bytes[leaf.at] === byte ? all.literal(leaf.bytes, leaf.at + 1) : undefined;
  if (leaf.kind === 'automaton') {
    const state = nextState(leaf.dfa, leaf.state, byte);
    return state === DEAD ? undefined : all.automaton(leaf.dfa, state);
  }
  const { character, min, max } = leaf;
  if (character === BETWEEN && byte === QUOTE) return min === 0 ? all.end : undefined;
  const next = max === 0 ? NO_WAY : CHARACTER_TABLE[character * 256 + byte]!;
  if (next === NO_WAY) return undefined;
  return next === BETWEEN ? all.string(Math.max(0, min - 1), max - 1) : all.string(min, max, next);
}
